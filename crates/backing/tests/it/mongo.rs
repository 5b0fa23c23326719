use std::time::Instant;

use backing::{Mongo, Postgres};
use futures_util::{AsyncReadExt, AsyncWriteExt, StreamExt, TryStreamExt};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Binary, Bson, Document, doc, spec::BinarySubtype};
use mongodb::options::IndexOptions;
use mongodb::{Client, Database, IndexModel};
use settings::{ExposeSecret, SecretString};
use tokio_postgres::Client as Administrator;

use crate::support::{LOOPBACK, Yard, enter, listens, program, told, until, with_wrong_password};

const CHUNK: usize = 255 * 1024;

async fn database(url: &str) -> Database {
    Client::with_uri_str(url).await.unwrap().database("jolmood_media")
}

async fn both(yard: &Yard) -> (Postgres, Mongo) {
    let plan = yard.plan();
    // Together, as the launcher does: FerretDB waits for the other.
    tokio::try_join!(Postgres::start(&plan, &told), Mongo::start(&plan, &told)).unwrap()
}

/// The rows of FerretDB's own database, as PostgreSQL's administrator sees them.
async fn inside(postgres: &Postgres) -> Administrator {
    let mut url = url::Url::parse(postgres.url().expose_secret()).unwrap();
    url.set_path("mongodb");
    enter(&SecretString::from(String::from(url))).await.unwrap()
}

async fn chunk(of: &Database, file: ObjectId, n: i32) -> Document {
    of.collection("fs.chunks").find_one(doc! { "files_id": file, "n": n }).await.unwrap().expect("a chunk")
}

#[tokio::test]
async fn a_file_is_stored_read_in_part_and_deleted() {
    let yard = Yard::new("gridfs");
    let (postgres, mongo) = both(&yard).await;
    assert!(["ferretdb", "mongod"].contains(&program(mongo.pid()).as_str()));
    assert_eq!(listens(mongo.pid()), [format!("{LOOPBACK}:{}", yard.ports.mongodb)]);
    let url = mongo.url();
    let media = database(url.expose_secret()).await;
    let bucket = media.gridfs_bucket(None);
    let bytes: Vec<u8> = (0..600 * 1024).map(|n: usize| u8::try_from(n % 251).unwrap()).collect();
    let id = ObjectId::new();
    let mut upload = bucket
        .open_upload_stream("picture")
        .id(Bson::ObjectId(id))
        .metadata(doc! { "owner": "ada", "outbox": [] })
        .await
        .unwrap();
    upload.write_all(&bytes).await.unwrap();
    upload.close().await.unwrap();

    let third = chunk(&media, id, 2).await;
    assert_eq!(third.get_binary_generic("data").unwrap(), &bytes[2 * CHUNK..]);

    // The data are kept by PostgreSQL or mongod; both stop and come back.
    mongo.stop().await.unwrap();
    postgres.stop().await.unwrap();
    let (postgres, mongo) = both(&yard).await;
    let media = database(mongo.url().expose_secret()).await;
    let bucket = media.gridfs_bucket(None);
    let mut whole = Vec::new();
    bucket.open_download_stream(Bson::ObjectId(id)).await.unwrap().read_to_end(&mut whole).await.unwrap();
    assert!(whole == bytes, "{} of {} bytes came back", whole.len(), bytes.len());

    bucket.delete(Bson::ObjectId(id)).await.unwrap();
    assert!(bucket.open_download_stream(Bson::ObjectId(id)).await.is_err());
    let left = media.collection::<Document>("fs.chunks").find(doc! { "files_id": id }).await.unwrap();
    assert!(left.try_collect::<Vec<_>>().await.unwrap().is_empty());
    mongo.stop().await.unwrap();
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_so_is_none() {
    let yard = Yard::new("mongopass");
    let (_postgres, mongo) = both(&yard).await;
    let mut nobody = url::Url::parse(mongo.url().expose_secret()).unwrap();
    nobody.set_username("").unwrap();
    nobody.set_password(None).unwrap();
    nobody.set_query(None);
    for url in [with_wrong_password(&mongo.url()), nobody.into()] {
        let answer = database(&url).await.collection("things").insert_one(doc! { "_id": 1 }).await;
        assert!(answer.is_err(), "stored through {url}");
    }
    let things = database(mongo.url().expose_secret()).await.collection::<Document>("things");
    assert!(things.find_one(doc! {}).await.unwrap().is_none());
}

#[tokio::test]
async fn indexes_are_made_with_their_twins_kept_unique_and_dropped() {
    let yard = Yard::new("indexes");
    let (postgres, mongo) = both(&yard).await;
    let things = database(mongo.url().expose_secret()).await.collection::<Document>("things");
    let unique = IndexOptions::builder().name("by_sha".to_owned()).unique(true).build();
    things.create_index(IndexModel::builder().keys(doc! { "sha": 1, "n": 1 }).options(unique).build()).await.unwrap();
    let names = things.list_index_names().await.unwrap();
    assert_eq!(names, ["_id_", "by_sha"]);

    things.insert_one(doc! { "_id": 1, "sha": "a", "n": 1 }).await.unwrap();
    let twice = things.insert_one(doc! { "_id": 2, "sha": "a", "n": 1 }).await.err().unwrap();
    assert!(twice.to_string().contains("11000"), "{twice}");

    if !mongo.stands_in() {
        return;
    }
    let rows = inside(&postgres).await;
    let twins =
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'jolmood_media' AND indexdef LIKE '%USING gin%' ORDER BY 1";
    let made: Vec<String> = rows.query(twins, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(made.len(), 2, "{made:?}");
    assert!(
        made.iter().any(|twin| twin.contains("'_id'")) && made.iter().any(|twin| twin.contains("'sha'")),
        "{made:?}"
    );
    things.drop_index("by_sha").await.unwrap();
    assert_eq!(rows.query(twins, &[]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn among_2000_files_a_download_is_answered_by_an_index() {
    let yard = Yard::new("manyfiles");
    let (postgres, mongo) = both(&yard).await;
    let media = database(mongo.url().expose_secret()).await;
    // The driver makes this index only when the first file ever fills a whole chunk, so it is made beforehand.
    let unique = IndexOptions::builder().unique(true).build();
    let by_file = IndexModel::builder().keys(doc! { "files_id": 1, "n": 1 }).options(unique).build();
    media.collection::<Document>("fs.chunks").create_index(by_file).await.unwrap();
    let bucket = media.gridfs_bucket(None);
    let wanted = ObjectId::new();
    store(&bucket, wanted).await;
    futures_util::stream::iter(0..2_000).for_each_concurrent(8, |_| store(&bucket, ObjectId::new())).await;
    if !mongo.stands_in() {
        return;
    }

    // A session hands in its figures when it ends, so FerretDB's end with it before and after the download.
    mongo.stop().await.unwrap();
    let rows = inside(&postgres).await;
    let before = scans(&rows).await;
    let mongo = Mongo::start(&yard.plan(), &told).await.unwrap();
    let media = database(mongo.url().expose_secret()).await;
    let bucket = media.gridfs_bucket(None);
    let begun = Instant::now();
    // After five times PostgreSQL weighs one plan for all values, which could only be to read everything.
    for _ in 0..10 {
        let mut bytes = Vec::new();
        bucket.open_download_stream(Bson::ObjectId(wanted)).await.unwrap().read_to_end(&mut bytes).await.unwrap();
        assert_eq!(bytes.len(), SMALL);
        assert_eq!(chunk(&media, wanted, 0).await.get_binary_generic("data").unwrap().len(), SMALL);
    }
    told(&format!("a download and a chunk among 2,001 files in {:?}", begun.elapsed() / 10));
    mongo.stop().await.unwrap();

    let after = until("the ended sessions are counted", async || {
        let after = scans(&rows).await;
        after.index.iter().zip(&before.index).all(|(after, before)| after > before).then_some(after)
    })
    .await;
    assert_eq!(after.sequential, before.sequential, "no table was read whole");
    assert_eq!(after.index.len(), 2, "files and chunks");
}

const SMALL: usize = 2_000;

async fn store(bucket: &mongodb::gridfs::GridFsBucket, id: ObjectId) {
    let mut upload = bucket.open_upload_stream("small").id(Bson::ObjectId(id)).await.unwrap();
    upload.write_all(&[7; SMALL]).await.unwrap();
    upload.close().await.unwrap();
}

/// How often the tables of files and chunks were read, in that order of names.
struct Scans {
    sequential: Vec<i64>,
    index: Vec<i64>,
}

async fn scans(rows: &Administrator) -> Scans {
    let figures = "SELECT seq_scan, idx_scan FROM pg_stat_user_tables WHERE schemaname = 'jolmood_media' AND relname ~ '^fs_(files|chunks)' ORDER BY relname";
    let rows = rows.query(figures, &[]).await.unwrap();
    Scans {
        sequential: rows.iter().map(|row| row.get(0)).collect(),
        index: rows.iter().map(|row| row.get(1)).collect(),
    }
}

#[tokio::test]
async fn bytes_of_every_kind_come_back_as_they_went_in() {
    let yard = Yard::new("bytes");
    let (_postgres, mongo) = both(&yard).await;
    let things = database(mongo.url().expose_secret()).await.collection::<Document>("things");
    let all: Vec<u8> = (0..=255).collect();
    let binary = Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: all.clone() });
    things.insert_one(doc! { "_id": "a", "bytes": binary, "text": "é\u{1f600}\"\\" }).await.unwrap();
    let found = things.find_one(doc! { "_id": "a" }).await.unwrap().unwrap();
    assert_eq!(found.get_binary_generic("bytes").unwrap(), &all);
    assert_eq!(found.get_str("text").unwrap(), "é\u{1f600}\"\\");
}
