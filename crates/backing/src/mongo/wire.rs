//! The few messages of MongoDB's protocol that are needed before a driver connects.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::probe::{Answer, connect};

const OP_MSG: i32 = 2013;
/// What a server with users answers to a stranger who wants to make one.
const UNAUTHORIZED: i32 = 13;

/// A value of a command.
pub(crate) enum Value<'a> {
    Int(i32),
    Text(&'a str),
    Texts(&'a [&'a str]),
}

/// Says hello, which needs no password.
pub(crate) async fn hello(port: u16) -> Result<Answer> {
    let reply = run(port, &[("hello", Value::Int(1)), ("$db", Value::Text("admin"))]).await?;
    Ok(if is_ok(&reply) { Answer::Ready } else { Answer::NotYet("hello was refused".to_owned()) })
}

/// Makes the first user, unless there is one.
pub(crate) async fn make_administrator(port: u16, user: &str, password: &str) -> Result<()> {
    let command = [
        ("createUser", Value::Text(user)),
        ("pwd", Value::Text(password)),
        ("roles", Value::Texts(&["root"])),
        ("$db", Value::Text("admin")),
    ];
    let reply = run(port, &command).await?;
    match code(&reply) {
        _ if is_ok(&reply) => Ok(()),
        Some(UNAUTHORIZED) => Ok(()),
        other => Err(Error::other(format!("createUser was refused with code {other:?}"))),
    }
}

/// Sends one command on a connection of its own and answers the body of the reply.
async fn run(port: u16, command: &[(&str, Value<'_>)]) -> Result<Vec<u8>> {
    let mut stream = connect(port).await?;
    stream.write_all(&message(command)).await?;
    let length = usize::try_from(stream.read_i32_le().await?).unwrap_or_default();
    let rest = length.checked_sub(4).filter(|rest| *rest < 1 << 20).ok_or(Error::from(ErrorKind::InvalidData))?;
    let mut reply = vec![0; rest];
    stream.read_exact(&mut reply).await?;
    Ok(reply)
}

pub(crate) fn message(command: &[(&str, Value<'_>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in command {
        match value {
            Value::Int(number) => field(&mut body, 0x10, name, &number.to_le_bytes()),
            Value::Text(value) => field(&mut body, 0x02, name, &text(value)),
            Value::Texts(values) => {
                let mut items = Vec::new();
                for (index, value) in values.iter().enumerate() {
                    field(&mut items, 0x02, &index.to_string(), &text(value));
                }
                field(&mut body, 0x04, name, &document(&items));
            }
        }
    }
    let body = document(&body);
    let mut message = length(21 + body.len()).to_vec();
    for word in [1, 0, OP_MSG, 0] {
        message.extend_from_slice(&i32::to_le_bytes(word));
    }
    message.push(0);
    message.extend_from_slice(&body);
    message
}

fn field(to: &mut Vec<u8>, kind: u8, name: &str, value: &[u8]) {
    to.push(kind);
    to.extend_from_slice(name.as_bytes());
    to.push(0);
    to.extend_from_slice(value);
}

fn text(value: &str) -> Vec<u8> {
    [&length(value.len() + 1), value.as_bytes(), &[0]].concat()
}

fn document(fields: &[u8]) -> Vec<u8> {
    [&length(fields.len() + 5), fields, &[0]].concat()
}

fn length(of: usize) -> [u8; 4] {
    i32::try_from(of).unwrap_or(i32::MAX).to_le_bytes()
}

pub(crate) fn is_ok(reply: &[u8]) -> bool {
    after(reply, b"\x01ok\0").map(f64::from_le_bytes) == Some(1.0)
}

pub(crate) fn code(reply: &[u8]) -> Option<i32> {
    after(reply, b"\x10code\0").map(i32::from_le_bytes)
}

/// The bytes that follow a field's type and name.
fn after<const N: usize>(reply: &[u8], name: &[u8]) -> Option<[u8; N]> {
    let at = reply.windows(name.len()).position(|window| window == name)? + name.len();
    reply.get(at..at + N)?.try_into().ok()
}
