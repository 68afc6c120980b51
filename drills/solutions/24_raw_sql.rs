use aludel::prelude::*;
use drills::docchat::User;

pub async fn by_statement(session: &mut Session, email: &str) -> aludel::Result<Vec<i64>> {
    session.scalars(select(User::ID).filter(User::EMAIL.eq(email)).order_by(User::ID)).all().await
}

pub async fn by_hand(session: &mut Session, email: &str) -> aludel::Result<Vec<i64>> {
    let stmt = text!("SELECT id FROM users WHERE email = :email ORDER BY id", email = email);
    let rows = session.execute(stmt).all().await?;
    rows.iter().map(|row| row.get("id")).collect()
}
