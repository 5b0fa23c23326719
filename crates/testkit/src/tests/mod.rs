mod kittens;
mod redacting;
