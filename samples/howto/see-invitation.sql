-- Bo Tangen opens the invitation: his row becomes *seen* (status 7), and nobody else's changes. The CRM has done this
-- before the statements of ../raw-sql/accept-invitation.sql, which count the second change of the row.

UPDATE CRM."appointment" SET
    "status" = 7, "updated" = 1164904430, "updated_associate_id" = 10, "updatedCount" = 1
WHERE "appointment_id" = 740;

INSERT INTO CRM."traveltransactionlog" (
    "traveltransactionlog_id", "ttime", "prev_record_id", "type", "associate_id", "tablenumber",
    "record_id"
) VALUES (
    110521, 1164908030, 0, 4608, 10, 9, 740
);
