use aludel_engine::driver::{Batch, Begin, End, ShapeId, Statement};
use aludel_sql::Value;
use aludel_testing::Random;

use super::*;

/// Keeps everything.
#[derive(Default)]
struct Seen {
    rows: Vec<(usize, Vec<Value>)>,
    done: Vec<(usize, u64)>,
    columns: Vec<String>,
    pause: bool,
}

impl RowSink for Seen {
    fn columns(&mut self, _: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.columns.extend(columns.iter().map(|it| it.name.to_owned()));
        Ok(())
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.rows.push((statement, cells.iter().map(|it| it.to_value()).collect()));
        Ok(if self.pause { Flow::Pause } else { Flow::More })
    }

    fn done(&mut self, statement: usize, done: Done) {
        self.done.push((statement, done.rows_affected));
    }

    fn wants_columns(&self) -> bool {
        true
    }
}

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend((body.len() as u32 + 4).to_be_bytes());
    bytes.extend(body);
    bytes
}

fn column(name: &str, oid: u32) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.extend([0, 0, 0, 0, 0, 0, 0]);
    bytes.extend(oid.to_be_bytes());
    bytes.extend([0; 8]);
    bytes
}

fn described(columns: &[(&str, u32)]) -> Vec<u8> {
    let mut body = (columns.len() as u16).to_be_bytes().to_vec();
    for (name, oid) in columns {
        body.extend(column(name, *oid));
    }
    message(b'T', &body)
}

fn row(cells: &[&[u8]]) -> Vec<u8> {
    let mut body = (cells.len() as u16).to_be_bytes().to_vec();
    for cell in cells {
        body.extend((cell.len() as u32).to_be_bytes());
        body.extend(*cell);
    }
    message(b'D', &body)
}

fn failed(code: &str) -> Vec<u8> {
    message(b'E', format!("SERROR\0VERROR\0C{code}\0Mno\0\0").as_bytes())
}

fn feed(core: &mut Core, bytes: &[u8]) {
    let mut bytes = bytes;
    while !bytes.is_empty() {
        let space = core.inb.space();
        let n = space.len().min(bytes.len());
        space[..n].copy_from_slice(&bytes[..n]);
        core.inb.filled(n);
        bytes = &bytes[n..];
    }
}

fn ask<'a>(core: &mut Core, statements: &'a [Statement<'a>], begin: bool, end: End) {
    let begin = begin.then(Begin::default);
    core.batch(&Batch { begin, statements, end }, core.talk.status == b'I', false).unwrap();
    core.clear_out();
}

fn select<'a>(shape: u64) -> Statement<'a> {
    Statement { shape: Some(ShapeId(shape)), ..Statement::plain("SELECT id, name FROM t") }
}

/// The answer to a SELECT of `id, name` that was never seen before.
fn answer() -> Vec<u8> {
    [
        message(b'1', b""),
        message(b't', &[0, 0]),
        described(&[("id", 20), ("name", 25)]),
        message(b'2', b""),
        row(&[&7_i64.to_be_bytes(), b"seven"]),
        message(b'C', b"SELECT 1\0"),
        message(b'Z', b"I"),
    ]
    .concat()
}

#[test]
fn an_answer_is_understood_however_it_is_cut() {
    let bytes = answer();
    for cut in 1..bytes.len() {
        let (mut core, mut sink) = (Core::new(10), Seen::default());
        ask(&mut core, &[select(1)], false, End::Open);
        feed(&mut core, &bytes[..cut]);
        assert_eq!(core.step(&mut sink).unwrap(), Step::Need);
        feed(&mut core, &bytes[cut..]);
        assert_eq!(core.step(&mut sink).unwrap(), Step::Done);
        assert_eq!(sink.rows, [(0, vec![Value::Int(7), Value::Text("seven".into())])]);
        assert_eq!(sink.done, [(0, 0)]);
        assert_eq!(sink.columns, ["id", "name"]);
    }
}

/// The tags of the messages that wait to be sent.
fn tags(core: &Core) -> String {
    let (mut tags, mut bytes) = (String::new(), &core.out[..]);
    while let Some((tag, _, rest)) = split_message(bytes).unwrap() {
        tags.push(char::from(tag));
        bytes = rest;
    }
    tags
}

#[test]
fn a_transaction_is_one_conversation_with_one_sync() {
    let mut core = Core::new(10);
    let statements = [select(1), select(1)];
    let batch = Batch { begin: Some(Begin::default()), statements: &statements, end: End::Commit };
    core.batch(&batch, true, false).unwrap();
    assert_eq!(tags(&core), ["PBE", "PDBE", "BE", "PBE", "S"].concat());
}

#[test]
fn a_value_that_cannot_be_sent_leaves_nothing_of_its_batch() {
    let mut core = Core::new(10);
    let values = [ValueRef::Text("a\0b")];
    let types = [aludel_sql::SqlType::Text];
    let bad = Statement { types: &types, params: aludel_engine::driver::Params::One(&values), ..select(2) };
    let statements = [select(1), bad];
    let error =
        core.batch(&Batch { begin: None, statements: &statements, end: End::Open }, true, false).unwrap_err();
    assert!(error.what().starts_with("parameter 1: the text holds a NUL"), "{error}");
    assert!(core.out.is_empty());
    assert_eq!(core.talk.current_statement(), None);
    assert!(core.statements.find(ShapeId(1)).is_none());
}

#[test]
fn a_prepared_statement_is_not_described_again() {
    let (mut core, mut sink) = (Core::new(10), Seen::default());
    ask(&mut core, &[select(1)], false, End::Open);
    feed(&mut core, &answer());
    core.step(&mut sink).unwrap();
    core.statements.end_batch(false);

    let statements = [select(1)];
    core.batch(&Batch { begin: None, statements: &statements, end: End::Open }, true, false).unwrap();
    assert_eq!(tags(&core), "BES");
}

#[test]
fn an_error_skips_to_the_sync() {
    let (mut core, mut sink) = (Core::new(10), Seen::default());
    ask(&mut core, &[select(1), select(2)], true, End::Commit);
    let begun = [message(b'1', b""), message(b'2', b""), message(b'C', b"BEGIN\0")].concat();
    feed(&mut core, &[begun, failed("42P01"), message(b'Z', b"E")].concat());
    assert_eq!(core.step(&mut sink).unwrap(), Step::Done);
    let failure = core.talk.failure.take().unwrap();
    assert_eq!((failure.statement, failure.error.code()), (Some(0), Some("42P01")));
    assert_eq!(core.talk.status, b'E');
    assert!(!core.talk.committed);
}

#[test]
fn a_commit_that_answers_rollback_is_an_error() {
    let (mut core, mut sink) = (Core::new(10), Seen::default());
    core.talk.status = b'E';
    ask(&mut core, &[], false, End::Commit);
    feed(
        &mut core,
        &[message(b'1', b""), message(b'2', b""), message(b'C', b"ROLLBACK\0"), message(b'Z', b"I")].concat(),
    );
    assert_eq!(core.step(&mut sink).unwrap(), Step::Done);
    assert_eq!(core.talk.failure.take().unwrap().error.kind(), ErrorKind::State);
    assert!(!core.talk.committed);
}

#[test]
fn a_pause_keeps_its_place() {
    let (mut core, mut sink) = (Core::new(10), Seen { pause: true, ..Seen::default() });
    ask(&mut core, &[select(1)], false, End::Open);
    feed(&mut core, &answer());
    assert_eq!(core.step(&mut sink).unwrap(), Step::Paused);
    assert_eq!((sink.rows.len(), sink.done.len()), (1, 0));
    assert_eq!(core.step(&mut sink).unwrap(), Step::Done);
    assert_eq!((sink.rows.len(), sink.done.len()), (1, 1));
}

#[test]
fn the_outcome_of_a_commit_is_unknown_only_when_it_was_sent_and_reached() {
    let (mut core, mut sink) = (Core::new(10), Seen::default());
    ask(&mut core, &[select(1)], true, End::Commit);
    assert!(core.talk.commit_unknown(0), "all was sent, nothing is known");
    assert!(core.talk.commit_unknown(5), "only the Sync is left");
    assert!(!core.talk.commit_unknown(6), "a part of the COMMIT was not sent");

    let shutdown = message(b'E', b"SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0");
    feed(&mut core, &shutdown);
    assert_eq!(core.step(&mut sink).unwrap_err().kind(), ErrorKind::Disconnected);
    assert!(!core.talk.commit_unknown(0), "the server ended before it came to the COMMIT");
}

#[test]
fn a_wrong_count_is_stale_data() {
    let (mut core, mut sink) = (Core::new(10), Seen::default());
    let update = Statement { expect: Some(2), ..Statement::plain("UPDATE t SET a = 1") };
    ask(&mut core, &[update], true, End::Commit);
    let begun = [message(b'1', b""), message(b'2', b""), message(b'C', b"BEGIN\0")].concat();
    let updated =
        [message(b'1', b""), message(b't', &[0, 0]), message(b'n', b""), message(b'2', b"")].concat();
    // The COMMIT was held back: the Sync follows the UPDATE.
    feed(&mut core, &[begun, updated, message(b'C', b"UPDATE 1\0"), message(b'Z', b"T")].concat());
    assert_eq!(core.step(&mut sink).unwrap(), Step::Done);
    let failure = core.talk.failure.take().unwrap();
    assert_eq!(failure.error.kind(), ErrorKind::StaleData);
    assert_eq!(failure.error.what(), "the statement expected to match 2 rows, matched 1");
    assert!(sink.done.is_empty());
}

#[test]
fn only_changes_count_as_affected() {
    for (tag, affected) in [
        ("INSERT 0 5", 5),
        ("UPDATE 3", 3),
        ("DELETE 2", 2),
        ("MERGE 4", 4),
        ("COPY 9", 9),
        ("SELECT 7", 0),
        ("CREATE TABLE", 0),
        ("INSERT", 0),
        ("UPDATE 99999999999999999999", 0),
        ("", 0),
    ] {
        assert_eq!(rows_affected(tag.as_bytes()), affected, "{tag}");
    }
}

#[test]
fn messages_that_come_unasked_are_kept_or_counted() {
    let (mut core, mut sink) = (Core::new(10), Seen::default());
    let notified = message(b'A', b"\0\0\0\x2anews\0hello\0");
    feed(&mut core, &[notified, message(b'N', b"SNOTICE\0\0"), message(b'S', b"TimeZone\0UTC\0")].concat());
    assert_eq!(core.step(&mut sink).unwrap(), Step::Need);
    let notification = core.talk.notifications.pop_front().unwrap();
    assert_eq!((notification.process, &*notification.channel, &*notification.payload), (42, "news", "hello"));
    assert_eq!(core.talk.notices.len(), 1);
    assert_eq!(core.talk.parameters, [("TimeZone".to_owned(), "UTC".to_owned())]);
}

#[test]
fn a_message_out_of_turn_is_a_protocol_error() {
    for bytes in [
        message(b'Z', b"I"),
        row(&[]),
        message(b'C', b"SELECT 1\0"),
        message(b'R', &[0; 4]),
        message(b'?', b""),
        failed("42P01"),
        message(b'K', &[0; 8]),
    ] {
        let (mut core, mut sink) = (Core::new(10), Seen::default());
        feed(&mut core, &bytes);
        assert_eq!(core.step(&mut sink).unwrap_err().kind(), ErrorKind::Protocol);
    }
}

/// What servers send, among it much that nobody asked for.
fn corpus() -> Vec<Vec<u8>> {
    vec![
        message(b'1', b""),
        message(b'2', b""),
        message(b'3', b""),
        message(b't', &[0, 1, 0, 0, 0, 23]),
        described(&[("id", 20), ("name", 25)]),
        described(&[("amounts", 1231), ("amount", 1700), ("when", 1184)]),
        message(b'n', b""),
        row(&[&7_i64.to_be_bytes(), b"seven"]),
        row(&[b"", &[0, 1, 0, 0, 0, 0, 0, 0, 0, 7], &[0; 8]]),
        message(b'C', b"BEGIN\0"),
        message(b'C', b"SELECT 1\0"),
        message(b'C', b"UPDATE 1\0"),
        message(b'C', b"ROLLBACK\0"),
        message(b'I', b""),
        message(b's', b""),
        message(b'Z', b"I"),
        message(b'Z', b"T"),
        message(b'Z', b"E"),
        failed("42P01"),
        failed("0A000"),
        message(b'E', b"SFATAL\0VFATAL\0C57P01\0Mbye\0\0"),
        message(b'N', b"SNOTICE\0C00000\0Mpsst\0P7\0\0"),
        message(b'A', b"\0\0\0\x2anews\0hello\0"),
        message(b'S', b"TimeZone\0UTC\0"),
        message(b'K', &[0; 8]),
        message(b'R', &[0; 4]),
        message(b'G', &[0, 0, 1, 0, 0]),
        message(b'H', &[1, 0, 1, 0, 1]),
        message(b'W', &[0, 0, 0]),
        message(b'd', b"piece"),
        message(b'c', b""),
        message(b'v', &[0; 8]),
    ]
}

/// The answer to a transaction of a SELECT, a COPY or another SELECT, and an UPDATE.
fn truth(copy: bool) -> Vec<u8> {
    let prepared = [message(b'1', b""), message(b't', &[0, 0])].concat();
    let begun = [message(b'1', b""), message(b'2', b""), message(b'C', b"BEGIN\0")].concat();
    let selected = answer()[..answer().len() - 6].to_vec();
    let copied = [
        message(b'n', b""),
        message(b'2', b""),
        message(b'H', &[1, 0, 1, 0, 1]),
        message(b'd', b"piece"),
        message(b'c', b""),
        message(b'C', b"COPY 1\0"),
    ];
    let other = if copy { [prepared.clone(), copied.concat()].concat() } else { selected.clone() };
    let updated = [prepared, message(b'n', b""), message(b'2', b""), message(b'C', b"UPDATE 1\0")].concat();
    [begun, selected, other, updated, message(b'Z', b"T")].concat()
}

#[test]
fn hostile_bytes_give_errors_and_never_a_panic() {
    let corpus = corpus();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut answered = 0;
    for _ in 0..if aludel_testing::long() { 500_000 } else { 20_000 } {
        let (mut core, mut sink) = (Core::new(2), Seen { pause: random.below(4) == 0, ..Seen::default() });
        let copy = random.below(4) == 0;
        let other = if copy { Statement::plain("COPY t TO STDOUT (FORMAT binary)") } else { select(2) };
        let update = Statement { expect: Some(1), ..Statement::plain("UPDATE t SET a = 1") };
        ask(&mut core, &[select(1), other, update], true, End::Commit);
        let mut bytes = match random.below(3) {
            0 => truth(copy),
            // Messages in another order.
            1 => (0..random.below(12)).flat_map(|_| random.one_of(&corpus)).collect(),
            // Messages with bodies that mean nothing.
            _ => (0..random.below(12))
                .flat_map(|_| {
                    let tag = random.one_of(&corpus)[0];
                    let length = random.below(24);
                    let body: Vec<u8> =
                        random.bytes(length).into_iter().map(|it| it.wrapping_mul(it % 3)).collect();
                    message(tag, &body)
                })
                .collect(),
        };
        for _ in 0..random.below(5).min(bytes.len()) {
            let at = random.below(bytes.len());
            bytes[at] = random.next() as u8;
        }
        feed(&mut core, &bytes);
        for _ in 0..64 {
            match core.step(&mut sink) {
                Ok(Step::Paused) => {}
                Ok(step) => {
                    answered += usize::from(step == Step::Done);
                    break;
                }
                Err(error) => {
                    assert!(
                        matches!(
                            error.kind(),
                            ErrorKind::Protocol | ErrorKind::Disconnected | ErrorKind::Unsupported
                        ),
                        "{error}"
                    );
                    break;
                }
            }
        }
    }
    assert!(answered > 1_000, "hardly anything was understood: {answered}");
}

#[test]
fn memory_that_one_large_batch_needed_is_given_back() {
    let mut core = Core::new(10);
    let text = "x".repeat(3 * KEEP_OUT);
    let (types, values) = ([aludel_sql::SqlType::Text], [ValueRef::Text(&text)]);
    let large = Statement { types: &types, params: aludel_engine::driver::Params::One(&values), ..select(1) };
    core.batch(&Batch { begin: None, statements: &[large], end: End::Open }, true, false).unwrap();
    while !core.unsent().is_empty() {
        core.sent(core.unsent().len().min(100_000));
    }
    assert_eq!(core.out.capacity(), 0);
}
