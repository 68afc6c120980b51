//! The graph of revisions, and the words that point into it.

use aludel_migrate::{Revision, RevisionId, RevisionMap};

fn id(text: &str) -> RevisionId {
    RevisionId::new(text).unwrap()
}

fn ids(text: &str) -> Vec<RevisionId> {
    text.split_whitespace().map(id).collect()
}

/// Revisions as `id: parents`, in the order of their folders.
fn revisions(lines: &[&str]) -> Vec<Revision> {
    lines
        .iter()
        .map(|line| {
            let (name, parents) = line.split_once(':').unwrap();
            Revision::new(id(name), ids(parents), format!("about {name}"))
        })
        .collect()
}

/// a1 ← b2 ← c3, and from a1 the branch `billing`: d4 ← e5.
fn branched() -> RevisionMap {
    let mut all = revisions(&["a1:", "b2: a1", "c3: b2", "d4: a1", "e5: d4"]);
    all[3].labels = vec!["billing".to_owned()];
    RevisionMap::new(all).unwrap()
}

fn refused(result: aludel::Result<impl std::fmt::Debug>) -> String {
    result.unwrap_err().what().to_owned()
}

#[test]
fn a_head_is_what_nobody_follows() {
    assert_eq!(branched().heads(), ids("c3 e5"));
    assert_eq!(branched().branch_points().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["a1"]);
}

#[test]
fn words_mean_revisions() {
    let map = branched();
    let means = |text: &str, applied: &str| map.resolve(text, &ids(applied)).unwrap();
    assert_eq!(means("heads", ""), ids("c3 e5"));
    assert_eq!(means("base", ""), ids(""));
    assert_eq!(means("b", ""), ids("b2"));
    assert_eq!(means("billing@head", ""), ids("e5"));
    assert_eq!(means("b2@head", ""), ids("c3"));
    assert_eq!(means("+1", ""), ids("a1"));
    assert_eq!(means("+1", "a1 b2"), ids("c3"));
    assert_eq!(means("-1", "a1 b2"), ids("a1"));
    assert_eq!(means("-2", "a1 b2"), ids(""));
    assert_eq!(means("c3-1", ""), ids("b2"));
    assert_eq!(means("b2+1", ""), ids("c3"));
    assert_eq!(means("billing@-1", "a1 b2 d4 e5"), ids("d4"));
    assert_eq!(means("current", "a1 b2"), ids("b2"));
}

#[test]
fn what_means_several_names_them() {
    let map = branched();
    assert_eq!(
        refused(map.resolve("head", &[])),
        "`head` means several revisions: c3 (about c3), e5 (about e5)"
    );
    assert_eq!(
        refused(map.resolve("+1", &ids("a1"))),
        "`+1` means several revisions: b2 (about b2), d4 (about d4)"
    );
    assert_eq!(
        refused(map.resolve("-1", &ids("a1 b2 d4"))),
        "`-1` means several revisions: b2 (about b2), d4 (about d4)"
    );
}

#[test]
fn what_means_nothing_is_refused() {
    let map = branched();
    assert_eq!(refused(map.resolve("zz", &[])), "there is no revision `zz`");
    assert_eq!(refused(map.resolve("no@head", &[])), "there is no branch and no revision `no`");
    assert_eq!(refused(map.resolve("-3", &ids("a1 b2"))), "`-3` goes back beyond the first revision");
    assert_eq!(refused(map.resolve("c3+1", &[])), "`c3+1` goes beyond the last revision");
    assert_eq!(refused(map.resolve("a1+x", &[])), "`a1+x` is not a revision");
}

#[test]
fn an_upgrade_runs_what_is_missing_with_parents_first() {
    let map = branched();
    let path = |applied: &str, targets: &str| {
        let path = map.upgrade_path(&ids(applied), &ids(targets));
        path.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(path("", "c3"), "a1 b2 c3");
    assert_eq!(path("a1", "c3 e5"), "b2 c3 d4 e5");
    assert_eq!(path("a1 b2 c3", "c3"), "");
}

#[test]
fn a_downgrade_undoes_what_is_built_on_its_target() {
    let map = branched();
    let path = |applied: &str, target: &str| {
        let path = map.downgrade_path(&ids(applied), target).unwrap();
        path.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(path("a1 b2 c3", "-1"), "c3");
    assert_eq!(path("a1 b2 c3", "a1"), "c3 b2");
    assert_eq!(path("a1 b2 c3 d4", "base"), "d4 c3 b2 a1");
    assert_eq!(path("a1 b2 c3 d4 e5", "billing@base"), "e5 d4");
    assert_eq!(path("a1 b2 d4 e5", "billing@-1"), "e5");
    assert_eq!(path("a1", "-1"), "a1");
}

#[test]
fn a_merge_follows_several() {
    let mut all = revisions(&["a1:", "b2: a1", "c3: a1", "m4: b2 c3"]);
    all.rotate_right(1); // folders may be in any order
    let map = RevisionMap::new(all).unwrap();
    assert_eq!(map.heads(), ids("m4"));
    assert_eq!(map.resolve("-1", &ids("a1 b2 c3 m4")).unwrap(), ids("b2 c3"));
}

#[test]
fn a_dependency_comes_first_but_is_no_parent() {
    let mut all = revisions(&["a1:", "b2:"]);
    all[0].depends_on = ids("b2");
    let map = RevisionMap::new(all).unwrap();
    assert_eq!(map.heads(), ids("b2 a1"));
    assert_eq!(map.upgrade_path(&[], &ids("a1")).len(), 2);
}

#[test]
fn a_broken_graph_is_refused() {
    let map = |lines: &[&str]| refused(RevisionMap::new(revisions(lines)).map(|it| it.heads()));
    assert_eq!(map(&["a1: b2"]), "revision a1 (about a1) follows b2, which is not there");
    assert_eq!(map(&["a1: b2", "b2: a1"]), "revisions follow each other in a circle: a1, b2");
    assert_eq!(map(&["a1:", "a1:"]), "two revisions have the id a1");
}
