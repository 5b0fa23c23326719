//! The few frames of AMQP 0.9.1 that log in, open a virtual host and leave.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::probe::{Answer, connect};

const START: u16 = 10;
const START_OK: u16 = 11;
const TUNE: u16 = 30;
const TUNE_OK: u16 = 31;
const OPEN: u16 = 40;
const OPEN_OK: u16 = 41;
const CLOSE: u16 = 50;
const CLOSE_OK: u16 = 51;
const FRAME_END: u8 = 0xce;
const ACCESS_REFUSED: &[u8] = &403_u16.to_be_bytes();

/// Logs in as a client does.
pub(crate) async fn log_in(port: u16, user: &str, password: &str) -> Result<Answer> {
    let mut stream = connect(port).await?;
    stream.write_all(b"AMQP\0\0\x09\x01").await?;
    expect(&mut stream, START).await?;
    let response = format!("\0{user}\0{password}");
    let table: &[u8] = &[0; 4];
    let length = u32::try_from(response.len()).unwrap_or_default().to_be_bytes();
    let start_ok = [table, b"\x05PLAIN", &length, response.as_bytes(), b"\x05en_US"].concat();
    send(&mut stream, START_OK, &start_ok).await?;
    let limits = match receive(&mut stream).await? {
        (TUNE, limits) => limits,
        (CLOSE, reason) if reason.starts_with(ACCESS_REFUSED) => {
            return Ok(Answer::Refused("ACCESS_REFUSED".to_owned()));
        }
        (other, _) => return Err(unexpected(other)),
    };
    send(&mut stream, TUNE_OK, &limits).await?;
    send(&mut stream, OPEN, b"\x01/\0\0").await?;
    expect(&mut stream, OPEN_OK).await?;
    // Code 200, no text, no method to blame.
    send(&mut stream, CLOSE, &[0, 200, 0, 0, 0, 0, 0]).await?;
    expect(&mut stream, CLOSE_OK).await?;
    Ok(Answer::Ready)
}

async fn expect(stream: &mut TcpStream, method: u16) -> Result<()> {
    match receive(stream).await? {
        (got, _) if got == method => Ok(()),
        (other, _) => Err(unexpected(other)),
    }
}

/// The next method of class `connection` and its arguments.
async fn receive(stream: &mut TcpStream) -> Result<(u16, Vec<u8>)> {
    let _kind = stream.read_u8().await?;
    let _channel = stream.read_u16().await?;
    let size = stream.read_u32().await?;
    let _class = stream.read_u16().await?;
    let method = stream.read_u16().await?;
    let rest = size.checked_sub(4).filter(|rest| *rest < 1 << 20).ok_or(Error::from(ErrorKind::InvalidData))?;
    let mut arguments = vec![0; rest as usize];
    stream.read_exact(&mut arguments).await?;
    let _end = stream.read_u8().await?;
    Ok((method, arguments))
}

async fn send(stream: &mut TcpStream, method: u16, arguments: &[u8]) -> Result<()> {
    let size = u32::try_from(arguments.len() + 4).unwrap_or_default();
    let mut frame = vec![1, 0, 0];
    frame.extend_from_slice(&size.to_be_bytes());
    frame.extend_from_slice(&10_u16.to_be_bytes());
    frame.extend_from_slice(&method.to_be_bytes());
    frame.extend_from_slice(arguments);
    frame.push(FRAME_END);
    stream.write_all(&frame).await
}

fn unexpected(method: u16) -> Error {
    Error::other(format!("the broker answered with method 10.{method}"))
}
