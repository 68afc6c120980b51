//! Statements.

use aludel::prelude::*;
use aludel::{Collation, SelectValue};

use super::models::{Document, Folder, Profile, Share, Tag, User};

pub async fn selects(session: &mut Session) -> aludel::Result<()> {
    let stmt = select(User).filter(User::NAME.eq("Sam"));
    session.scalars(stmt.clone()).all().await?;
    session.scalars(stmt.clone()).first().await?;
    session.scalars(stmt.clone()).one().await?;
    session.scalars(stmt.clone()).one_or_none().await?;
    let rows: Vec<(i64, Option<String>)> = session.execute(select((User::ID, User::NAME))).all().await?;
    println!("{rows:?}");
    let stmt = select(User).filter(User::IS_ACTIVE.eq(true)).filter(User::SCORE.ge(0));
    let stmt = stmt.order_by((User::NAME.desc().nulls_last(), User::ID)).offset(0).limit(20).distinct();
    session.scalars(stmt).all().await?;
    session.scalars(select(User).filter(and_([User::SCORE.ge(0), User::SCORE.le(9)]))).all().await?;
    session.scalars(select(User).filter(or_([User::ID.eq(1), User::ID.eq(2)]))).all().await?;
    session.scalars(select(User).filter(not_(User::ID.eq(1)))).all().await?;
    session.scalars(select(User).filter((User::ID.eq(1) | User::ID.gt(5)) & !User::ID.eq(9))).all().await?;
    session.scalars(select(User).filter(User::ID.eq(1).or(User::ID.gt(5)).and(User::ID.ne(9)))).all().await?;

    let name = || User::NAME;
    for condition in [
        name().in_(["Sam", "Ann"]),
        User::ID.in_(select(Document::OWNER_ID)),
        User::ID.not_in([7, 8]),
        tuple((User::ID, User::SCORE)).in_([(1, 0), (2, 0)]),
        name().like("S%"),
        name().ilike("%sam%"),
        name().contains("100%"),
        name().starts_with("Sam"),
        name().ends_with("Sam"),
        name().icontains("sam"),
        name().istarts_with("sam"),
        name().iends_with("sam"),
        name().collate(Collation::CodePoint).lt("sam"),
        name().collate(Collation::Named(&[("*", "NOCASE")])).eq("sam"),
        name().type_coerce::<Option<String>>().is_not_null(),
        name().regexp_match("^S"),
        User::ID.between(1, 9),
        User::ID.between_symmetric(9, 1),
        name().is_null(),
        name().is_not_null(),
        name().is_distinct_from("Sam"),
        name().concat("!").eq("Sam!"),
        (User::SCORE * 2 + 1).gt(User::SCORE % 2),
        func::true_div(User::SCORE, 2).ge(0.0),
        func::bit_and(User::SCORE, 1).eq(0),
        User::SCORE.op::<i64>("%", literal(2)).eq(0),
        func::floor_div(User::SCORE, 2).eq(0),
        func::shift_left(User::SCORE, 3).eq(func::shift_right(User::SCORE, 3)),
        func::pow(User::SCORE.cast::<f64>(), 2.0).lt(9.0),
        literal::<bool>(true),
        User::DOCUMENTS.any(Document::TITLE.eq("Final")),
        Document::OWNER.has(User::NAME.eq("Sam")).and(User::ID.eq(Document::OWNER_ID)),
        User::DOCUMENTS.exists(),
        exists(select(Document::ID).filter(Document::OWNER_ID.eq(User::ID))),
    ] {
        session.scalars(select(User).join(User::DOCUMENTS).filter(condition)).all().await?;
    }
    Ok(())
}

pub async fn groups(session: &mut Session) -> aludel::Result<()> {
    let stmt = select((User::EMAIL, func::count(Document::ID).label("n")))
        .join_on(Document, Document::OWNER_ID.eq(User::ID))
        .group_by(User::EMAIL)
        .having(func::count(Document::ID).gt(0))
        .order_by(desc("n"));
    println!("{:?}", session.execute(stmt).all().await?);
    let stmt =
        select((User::EMAIL, func::count(Document::ID))).outer_join(User::DOCUMENTS).group_by(User::EMAIL);
    session.execute(stmt).all().await?;
    let stmt = select((User::EMAIL, optional(Document))).outer_join(User::DOCUMENTS);
    session.execute(stmt).all().await?;
    let total: i64 = session.scalar(select(func::count_star()).select_from(User)).await?;
    println!("{total}");
    let titles = func::string_agg(Document::TITLE, ", ").aggregate_order_by(Document::ID);
    session.scalars(select(titles)).all().await?;
    session.scalars(select(func::count(Document::ID).filter(Document::BODY.ne("")))).all().await?;
    session.scalars(select(func::percentile_cont(0.5).within_group(User::SCORE))).all().await?;
    session.scalars(select(func::percentile_disc(0.9).within_group(User::SCORE))).all().await?;
    session.scalars(select(func::mode().within_group(User::NAME))).all().await?;
    session.scalars(select(func::call::<i64>("length", [Document::BODY.into_node()]))).all().await?;
    session.scalars(select(func::coalesce(User::NAME, "nobody"))).all().await?;
    session.scalars(select(func::year(Share::ADDED_AT))).all().await?;
    session.scalars(select(User::SCORE.cast::<String>())).all().await?;
    session.scalars(select(User::EMAIL.try_cast_integer())).all().await?;
    session
        .scalars(select(case().when(User::SCORE.gt(9), "high").else_("low")).select_from(User))
        .all()
        .await?;
    let place = func::row_number().over(window().partition_by(Document::OWNER_ID).order_by(Document::ID));
    session.execute(select((Document::ID, place))).all().await?;
    Ok(())
}

/// What only PostgreSQL has.
pub fn subtotals() -> [SelectValue<i64>; 3] {
    let count = || select(func::count_star()).select_from(User);
    [
        count().group_by(func::rollup(User::SCORE)),
        count().group_by(func::cube((User::SCORE, User::NAME))).having(func::grouping(User::SCORE).eq(0)),
        count().group_by(func::grouping_sets().set(User::SCORE).set(())),
    ]
}

pub async fn subqueries(session: &mut Session) -> aludel::Result<()> {
    let boss = alias(User, "boss");
    let stmt =
        select((User::EMAIL, boss.col(User::EMAIL))).join_on(boss, boss.col(User::ID).eq(User::MANAGER_ID));
    session.execute(stmt).all().await?;
    let newest =
        select((Document::ID, Document::TITLE)).order_by(Document::ID.desc()).limit(10).subquery("newest");
    session.scalars(select(newest.col(Document::TITLE))).all().await?;
    let count = select(func::count(Document::ID)).filter(Document::OWNER_ID.eq(User::ID)).scalar_subquery();
    session.execute(select((User::EMAIL, count))).all().await?;
    let child = alias(Folder, "child");
    let tree = select(Folder::ID).filter(Folder::PARENT_ID.is_null()).cte("tree").recursive(|tree| {
        select(child.col(Folder::ID)).join_on(tree, tree.col(Folder::ID).eq(child.col(Folder::PARENT_ID)))
    });
    session.scalars(select(tree.col(Folder::ID))).all().await?;
    let (old, new) = (select(User::ID).filter(User::ID.lt(5)), select(User::ID).filter(User::ID.ge(5)));
    session.scalars(old.clone().union(new.clone()).order_by(User::ID).limit(5)).all().await?;
    session.scalars(old.clone().union_all(new.clone())).all().await?;
    session.scalars(old.clone().intersect(new.clone())).all().await?;
    session.scalars(old.except(new)).all().await?;
    session
        .scalars(select(User).join(User::DOCUMENTS).join(Document::TAGS).filter(Tag::NAME.eq("law")))
        .all()
        .await?;
    let decade = text!("users.score / :n * :n", n = 10).expr::<i64>();
    session.scalars(select(User).filter(decade.eq(0))).all().await?;
    session.execute(text!("SELECT email FROM users WHERE id > :id", id = 0)).all().await?;
    let named = text!("SELECT id, name FROM users").columns::<(i64, Option<String>)>();
    session.execute(named).all().await?;
    session.execute(text_unchecked(String::from("SELECT 1"))).all().await?;
    Ok(())
}

pub async fn changes(session: &mut Session) -> aludel::Result<()> {
    let rows = ["novel", "poem"].map(|name| Tag::builder().name(name));
    let ids: Vec<i64> = session.scalars(insert(Tag).values(rows).returning(Tag::ID)).all().await?;
    println!("{}", ids.len());
    let stmt = insert(Tag).from_select((Tag::NAME,), select(Document::TITLE).distinct());
    session.execute(stmt.or_do_nothing()).await?;
    let rows = ["law", "car"].map(|name| Tag::builder().name(name));
    session.execute(insert(Tag).values(rows).on_conflict(Tag::NAME).do_nothing()).await?;
    let rows = ["law", "house"].map(|name| Tag::builder().name(name));
    let stmt = insert(Tag)
        .values(rows)
        .on_conflict(Tag::NAME)
        .do_update(|row| row.set(Tag::NAME, excluded(Tag::NAME)));
    session.scalars(stmt.returning(Tag)).all().await?;
    let stmt = update(User).filter(User::NAME.eq("Sam")).set(User::NAME, "Ann");
    session.scalars(stmt.returning(User::ID)).all().await?;
    let stmt = update(Document).join(Document::OWNER).filter(User::NAME.eq("Ann")).set(Document::BODY, "");
    session.execute(stmt).await?;
    session.execute(delete(Document).filter(Document::TITLE.eq("Minutes"))).await?;
    let stmt = delete(Document).join(Document::OWNER).filter(User::NAME.eq("Kim"));
    session.execute(stmt).await?;
    session.rollback().await
}

pub async fn loading(session: &mut Session) -> aludel::Result<()> {
    session.scalars(select(User).options(selectinload(User::DOCUMENTS))).all().await?;
    session.scalars(select(Document).options(joinedload(Document::OWNER))).all().await?;
    session.scalars(select(User).options(subqueryload(User::DOCUMENTS))).all().await?;
    session
        .scalars(select(User).options((selectinload(User::DOCUMENTS), joinedload(User::PROFILE))))
        .all()
        .await?;
    session.scalars(select(User).options(raiseload(User::DOCUMENTS))).all().await?;
    let stmt = select(User).join(User::DOCUMENTS).filter(Document::TITLE.ne(""));
    session.scalars(stmt.options(contains_eager(User::DOCUMENTS))).all().await?;
    let stmt = select(User).options(selectinload(User::DOCUMENTS).then(selectinload(Document::TAGS)));
    session.scalars(stmt).populate_existing().all().await?;
    let newest =
        selectinload(User::DOCUMENTS).filter(Document::BODY.ne("")).order_by(Document::ID.desc()).limit(3);
    session.scalars(select(User).options(newest)).all().await?;
    session.scalars(select(Folder).options(selectinload(Folder::CHILDREN).depth(3))).all().await?;
    session.scalars(select(Profile).options(undefer(Profile::ABOUT))).all().await?;
    let mut chunks = session.scalars(select(User)).chunks(1000);
    while let Some(users) = chunks.next().await? {
        println!("{}", users.len());
    }
    drop(chunks);
    let mut stream = session.stream(select(User));
    while let Some(user) = stream.next().await? {
        println!("{}", user.email);
    }
    drop(stream);
    session.rollback().await
}
