//! A struct gains, renames and loses fields, and old rows are still read:
//! `cargo run --example evolve [URL]`.
//!
//! Fields of the body are JSON and follow serde's rules. Key columns are the table's form: another
//! one is refused when the table is opened, and `rekey` moves the rows.

use std::error::Error;

use s3aads::{Database, ErrorKind, S3Table};

/// As it was at first.
mod first {
    use s3aads::S3Table;

    /// A customer.
    #[derive(Debug, S3Table)]
    #[s3(table = "customers")]
    pub(super) struct Customer {
        #[s3(key)]
        pub id: u32,
        pub name: String,
        pub mail: String,
        pub fax: String,
    }
}

/// As it is now: `mail` is called `email`, `fax` is gone, `tags` and `country` are new.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "customers")]
struct Customer {
    #[s3(key)]
    id: u32,
    name: String,
    /// Rows are written with the new name, and read with either.
    #[serde(alias = "mail")]
    email: String,
    /// Empty in rows that do not have it.
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default = "home")]
    country: String,
}

fn home() -> String {
    "NO".to_owned()
}

/// With another key: customers by country, and in the order of their numbers.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "customers-by-country")]
struct CustomerOfCountry {
    #[s3(key, plural = "countries")]
    country: String,
    #[s3(key, width = 6)]
    id: u32,
    name: String,
    #[serde(alias = "mail")]
    email: String,
    #[serde(default)]
    tags: Vec<String>,
}

/// The new key under the old table's name, which is refused.
mod wrong {
    use s3aads::S3Table;

    /// A customer.
    #[derive(Debug, S3Table)]
    #[s3(table = "customers")]
    pub(super) struct Customer {
        #[s3(key, width = 6)]
        pub id: u32,
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1);
    let db = Database::open(url.as_deref().unwrap_or("memory:///evolve"))?;
    db.create().await?;

    let old = db.open_table::<first::Customer>().await?;
    for (id, name) in [(1, "Ada"), (2, "Bob"), (3, "Eve")] {
        let (name, mail) = (name.to_owned(), format!("{name}@example.org"));
        let fax = "555".to_owned();
        old.insert(&first::Customer {
            id,
            name,
            mail,
            fax,
        })
        .await?;
    }

    println!("Old rows, read by the new struct:");
    let customers = db.open_table::<Customer>().await?;
    for customer in customers.rows().await? {
        println!("  {customer:?}");
    }

    // A row that is changed is written as the new struct has it.
    let tag = |customer: &mut Customer| customer.tags.push("first".to_owned());
    customers.modify(1, tag).await?;
    println!("\nAs they are stored, once the first one was changed:");
    for id in ["1", "2"] {
        let stored = customers.raw().select_string([id]).await?;
        println!("  {id}: {}", stored.ok_or("a row is missing")?);
    }

    // Before the aliases and defaults go: does every row decode?
    println!(
        "\nAll rows, looked at: {}.",
        customers.verify().finish().await?
    );
    // And all rows written anew, each over the version that is read.
    for key in customers.keys().await? {
        let mut customer = customers.select_versioned(key).await?.ok_or("it is gone")?;
        customer.version = customers.update(&customer).await?;
    }
    let stored = customers.raw().select_string(["2"]).await?;
    println!(
        "Written anew, the second one is {}",
        stored.ok_or("it is gone")?
    );

    println!("\nAnother form of the key is refused:");
    match db.open_table::<wrong::Customer>().await {
        Err(error) if error.kind() == ErrorKind::SchemaMismatch => println!("  {error}"),
        Err(error) => return Err(error.into()),
        Ok(_) => return Err("the key was not compared".into()),
    }

    println!("\nSo the rows move to a table of another name:");
    let move_row = |customer: Customer| CustomerOfCountry {
        country: customer.country,
        id: customer.id,
        name: customer.name,
        email: customer.email,
        tags: customer.tags,
    };
    let moved = db
        .rekey_rows::<Customer, CustomerOfCountry>(move_row)
        .await?;
    println!("  {moved}");
    for key in db.table::<CustomerOfCountry>().keys().await? {
        println!("  {key}");
    }
    db.drop_table("customers").await?;
    db.drop_table("customers-by-country").await?;
    Ok(())
}
