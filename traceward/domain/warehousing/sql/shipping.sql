-- Serial references of the SSCCs that we give out: never the same one twice.
CREATE SEQUENCE warehousing_sscc AS bigint;
