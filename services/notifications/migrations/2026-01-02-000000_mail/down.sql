DROP TABLE deliveries;
DROP TABLE contacts;
