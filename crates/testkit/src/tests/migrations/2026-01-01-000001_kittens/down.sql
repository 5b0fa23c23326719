-- Takes the kittens away.
DROP TABLE kittens;
