//! The archive: a zip that is written while it is downloaded, chunk by chunk, from what the services sent.
//!
//! The same export is the same bytes each time. No connection is held while the client is slow, and what was sent is never
//! in memory as a whole.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::web::Bytes;
use aws_lc_rs::digest::{self, SHA256};
use contracts::{ExportId, Language};
use db::Db;
use futures_util::stream::{Stream, try_unfold};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};
use zip::{CompressionMethod, DateTime};

use super::queries;
use super::row::{ExportRow, PartRow, ServiceRow};

/// Chunks that are read at once.
const PAGE: i64 = 8;
/// Before the first chunk of the first service.
const FIRST: (&str, i32) = ("", -1);

const README: [(Language, &str); 2] = [
    (Language::Fr, include_str!("../../content/export-readme.fr.txt")),
    (Language::En, include_str!("../../content/export-readme.en.txt")),
];

/// An archive to be written.
pub struct Archive {
    export: ExportId,
    made_at: Timestamp,
    language: Language,
    /// How many chunks there are.
    chunks: i64,
}

/// Why an archive breaks off.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// What it is made of was deleted meanwhile.
    #[error("the export was deleted while it was downloaded")]
    Gone,
    /// The database.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// The zip.
    #[error(transparent)]
    Zip(#[from] ZipError),
    /// The text in it.
    #[error(transparent)]
    Text(#[from] io::Error),
}

/// What is in an archive, for programs.
#[derive(Serialize)]
struct Manifest {
    export_id: ExportId,
    made_at: Timestamp,
    services: Vec<Listed>,
}

/// The part of a service: its files, and the SHA-256 of their bytes, one file after the other.
#[derive(Serialize)]
struct Listed {
    name: String,
    files: Vec<String>,
    sha256: String,
}

/// Where the zip is written: what is there goes out with the next step.
#[derive(Clone, Default)]
struct Spool(Arc<Mutex<Vec<u8>>>);

/// An archive that is being written.
struct Writing {
    db: Db,
    archive: Archive,
    spool: Spool,
    /// Nothing once it is whole.
    zip: Option<ZipWriter<StreamWriter<Spool>>>,
    options: SimpleFileOptions,
    /// The chunk that was written last, and how many were.
    after: (String, i32),
    written: i64,
    listed: Vec<Listed>,
    digest: digest::Context,
    begun: bool,
}

impl Archive {
    /// The archive of an export, with these parts, for somebody who reads this language.
    pub fn new(export: &ExportRow, services: &[ServiceRow], language: Language) -> Self {
        let made_at = export.ready_at.unwrap_or(export.requested_at).0;
        let chunks = services.iter().filter_map(|service| service.total).map(i64::from).sum();
        Self { export: export.id, made_at, language, chunks }
    }

    /// What to call it on somebody's machine.
    pub fn file_name(&self) -> String {
        format!("jolmood-{}.zip", self.made_at.to_zoned(TimeZone::UTC).date())
    }

    /// The date of its files, which zip counts from 1980 in steps of two seconds.
    fn date(&self) -> DateTime {
        let at = self.made_at.to_zoned(TimeZone::UTC);
        let unsigned = |number: i8| u8::try_from(number).unwrap_or(0);
        let [month, day, hour, minute, second] =
            [at.month(), at.day(), at.hour(), at.minute(), at.second()].map(unsigned);
        let year = u16::try_from(at.year()).unwrap_or(0);
        DateTime::from_date_and_time(year, month, day, hour, minute, second).unwrap_or_default()
    }
}

/// The bytes of an archive.
pub fn stream(db: Db, archive: Archive) -> impl Stream<Item = Result<Bytes, Broken>> {
    try_unfold(Writing::new(db, archive), |mut writing| async move {
        let bytes = writing.step().await?;
        Ok::<_, Broken>(bytes.map(|bytes| (bytes, writing)))
    })
}

impl Writing {
    fn new(db: Db, archive: Archive) -> Self {
        let spool = Spool::default();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(archive.date());
        Self {
            db,
            archive,
            zip: Some(ZipWriter::new_stream(spool.clone())),
            spool,
            options,
            after: (FIRST.0.to_owned(), FIRST.1),
            written: 0,
            listed: Vec::new(),
            digest: digest::Context::new(&SHA256),
            begun: false,
        }
    }

    /// Writes until there are bytes to send; nothing once all were sent.
    async fn step(&mut self) -> Result<Option<Bytes>, Broken> {
        while self.zip.is_some() {
            if self.begun {
                self.go_on().await?;
            } else {
                self.begin()?;
            }
            let bytes = self.spool.take();
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// First what a person reads.
    fn begin(&mut self) -> Result<(), Broken> {
        let own = README.iter().find(|(language, _)| *language == self.archive.language);
        let text = own.map_or("", |(_, text)| text).replace("{date}", &self.archive.made_at.to_string());
        self.begun = true;
        self.file("README.txt", text.as_bytes())
    }

    /// The next chunks; when there are none, what a program reads, and the end.
    async fn go_on(&mut self) -> Result<(), Broken> {
        let (service, number) = (self.after.0.as_str(), self.after.1);
        let mut conn = self.db.conn().await?;
        let parts = queries::parts_behind(&mut conn, self.archive.export, service, number, PAGE).await?;
        drop(conn);
        if parts.is_empty() {
            return self.end();
        }
        for part in parts {
            self.part(part)?;
        }
        Ok(())
    }

    fn part(&mut self, part: PartRow) -> Result<(), Broken> {
        let PartRow { service, number, file, content, .. } = part;
        let path = format!("{service}/{file}.json");
        if self.listed.last().is_none_or(|last| last.name != service) {
            self.close_service();
            self.listed.push(Listed { name: service.clone(), files: Vec::new(), sha256: String::new() });
        }
        if let Some(last) = self.listed.last_mut().filter(|last| last.files.last() != Some(&path)) {
            last.files.push(path.clone());
            if let Some(zip) = &mut self.zip {
                zip.start_file(path, self.options)?;
            }
        }
        self.digest.update(content.as_bytes());
        if let Some(zip) = &mut self.zip {
            zip.write_all(content.as_bytes())?;
        }
        self.after = (service, number);
        self.written += 1;
        Ok(())
    }

    /// Notes the digest of the service whose last chunk was written.
    fn close_service(&mut self) {
        let digest = std::mem::replace(&mut self.digest, digest::Context::new(&SHA256)).finish();
        if let Some(last) = self.listed.last_mut() {
            last.sha256 = hex::encode(digest);
        }
    }

    /// An archive with a hole in it would look whole: then it has no end.
    fn end(&mut self) -> Result<(), Broken> {
        if self.written != self.archive.chunks {
            return Err(Broken::Gone);
        }
        self.close_service();
        let services = std::mem::take(&mut self.listed);
        let manifest = Manifest { export_id: self.archive.export, made_at: self.archive.made_at, services };
        let text = serde_json::to_string_pretty(&manifest).map_err(io::Error::from)?;
        self.file("manifest.json", text.as_bytes())?;
        if let Some(zip) = self.zip.take() {
            zip.finish()?;
        }
        Ok(())
    }

    fn file(&mut self, name: &str, text: &[u8]) -> Result<(), Broken> {
        let Some(zip) = &mut self.zip else { return Ok(()) };
        zip.start_file(name, self.options)?;
        Ok(zip.write_all(text)?)
    }
}

impl Spool {
    /// What is there.
    fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
