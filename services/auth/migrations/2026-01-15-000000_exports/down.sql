DROP TABLE export_parts;
DROP TABLE export_services;
DROP TABLE exports;
