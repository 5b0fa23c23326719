mod kittens;
mod leftovers;
mod redacting;
