use aludel::prelude::*;

// ANCHOR: entity
#[derive(Entity, Debug)]
#[entity(table = "folders")]
pub struct Folder {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
    #[column(foreign_key = Folder::ID)]
    pub parent_id: Option<i64>,
    #[relation(back_populates = Folder::CHILDREN)]
    pub parent: BelongsTo<Folder>,
    #[relation(back_populates = Folder::PARENT)]
    pub children: HasMany<Folder>,
}
// ANCHOR_END: entity

pub async fn run(engine: Engine) -> aludel::Result<()> {
    engine.create_all(&Metadata::of(Folder)).await?;
    let mut session = engine.session();
    session.add(
        Folder::builder().name("root").children([
            Folder::builder().name("photos").children([Folder::builder().name("2026")]),
            Folder::builder().name("letters"),
        ]),
    );
    session.commit().await?;
    println!("---");
    // ANCHOR: levels
    let roots = select(Folder).filter(Folder::PARENT_ID.is_null());
    let root = session.scalars(roots.options(selectinload(Folder::CHILDREN).depth(2))).one().await?;
    for folder in session.view(root).children()? {
        println!("{} holds {}", folder.name, folder.children()?.len());
    }
    // ANCHOR_END: levels
    // ANCHOR: all
    let child = alias(Folder, "child");
    let tree = select((Folder::ID, Folder::NAME)).filter(Folder::ID.eq(1)).cte("tree").recursive(|tree| {
        select((child.col(Folder::ID), child.col(Folder::NAME)))
            .join_on(tree, tree.col(Folder::ID).eq(child.col(Folder::PARENT_ID)))
    });
    let names = session.execute(select(tree.col(Folder::NAME))).all().await?;
    println!("{} folders", names.len());
    // ANCHOR_END: all
    Ok(())
}
