//! `/users`.

use aludel_suite::{Db, on_each_database};
use serde_json::{Value, json};

use crate::{PASSWORD, client, create_article, create_user};

on_each_database! {
    async fn a_user_is_stored_with_a_hash_and_shown_without(db: Db) {
        let client = client(&db).await?;
        let response = create_user(&client, "Sam@UAE.dev").await;
        assert_eq!(response.status, 201, "{}", response.text());
        let user: Value = response.json();
        assert_eq!((&user["id"], &user["email"], &user["is_active"]), (&json!(1), &json!("sam@uae.dev"), &json!(true)));
        assert_eq!(user.as_object().unwrap().len(), 4, "{user}");
        assert_eq!(client.get("/users/1").await.json::<Value>(), user);
        let stored = db.value::<String>("SELECT hashed_password FROM users").await?;
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    }

    /// Case 115 of the catalogue of reliability.
    async fn no_answer_shows_a_password_or_its_hash(db: Db) {
        let client = client(&db).await?;
        let answers = [
            create_user(&client, "sam@uae.dev").await,
            create_user(&client, "sam@uae.dev").await,
            create_user(&client, "no address").await,
            client.get("/users").await,
            client.get("/users/1").await,
            create_article(&client, 1, "Hello").await,
            client.get("/articles").await,
        ];
        for answer in answers {
            assert!(!answer.text().contains(PASSWORD) && !answer.text().contains("argon2"), "{}", answer.text());
        }
    }

    async fn an_address_is_taken_once_whatever_its_case(db: Db) {
        let client = client(&db).await?;
        create_user(&client, "sam@uae.dev").await;
        assert_eq!(create_user(&client, "SAM@uae.dev").await.status, 409);
        assert_eq!(db.count("users").await?, 1);
    }

    async fn what_is_no_address_or_no_password_is_refused_by_name(db: Db) {
        let client = client(&db).await?;
        let response = client.post("/users", &json!({"email": "sam", "password": "short"})).await;
        assert_eq!(response.status, 422);
        let body: Value = response.json();
        assert_eq!((&body["errors"][0]["field"], &body["errors"][1]["field"]), (&json!("email"), &json!("password")));
        let more = json!({"email": "sam@uae.dev", "password": PASSWORD, "is_active": false});
        assert_eq!(client.post("/users", &more).await.status, 422);
        assert_eq!(db.count("users").await?, 0);
    }

    async fn users_are_listed_with_their_articles_counted_and_a_total(db: Db) {
        let client = client(&db).await?;
        for email in ["a@b.com", "b@b.com", "c@b.com"] {
            create_user(&client, email).await;
        }
        for title in ["one", "two"] {
            create_article(&client, 2, title).await;
        }
        let page: Value = client.get("/users?limit=2").await.json();
        assert_eq!(page["total"], 3);
        let counts: Vec<_> = page["items"].as_array().unwrap().iter().map(|it| (&it["email"], &it["article_count"])).collect();
        assert_eq!(counts, [(&json!("c@b.com"), &json!(0)), (&json!("b@b.com"), &json!(2))]);
    }

    async fn a_user_who_is_not_there_is_404(db: Db) {
        assert_eq!(client(&db).await?.get("/users/7").await.status, 404);
    }

    /// Case 117 of the catalogue of reliability.
    #[only(sqlite, "nothing of it depends on the database")]
    async fn a_flood_of_passwords_is_turned_away_and_the_service_answers_meanwhile(db: Db) {
        let client = client(&db).await?;
        let flood: Vec<_> = (0..200)
            .map(|number| {
                let client = client.clone();
                tokio::spawn(async move { create_user(&client, &format!("{number}@b.com")).await.status.as_u16() })
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(client.get("/health").await.status, 200);
        let mut statuses = Vec::new();
        for request in flood {
            statuses.push(request.await?);
        }
        let of = |status: u16| statuses.iter().filter(|it| **it == status).count();
        assert_eq!(of(201) + of(429), 200, "{statuses:?}");
        assert!(of(429) > 0 && of(201) > 0, "{statuses:?}");
        assert_eq!(db.count("users").await?, of(201) as i64);
    }
}
