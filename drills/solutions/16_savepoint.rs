use aludel::prelude::*;
use drills::docchat::User;

pub async fn import(session: &mut Session, emails: &[&str]) -> aludel::Result<Vec<String>> {
    let mut refused = Vec::new();
    for email in emails {
        let mut nested = session.begin_nested().await?;
        nested.add(User::builder().email(*email));
        match nested.commit().await {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UniqueViolation => refused.push((*email).to_owned()),
            Err(error) => return Err(error),
        }
    }
    session.commit().await?;
    Ok(refused)
}
