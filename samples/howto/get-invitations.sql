-- What waits for Bo Tangen's answer: the statuses that the CRM's own list of invitations has (5 to 8, and 11, 12 for
-- what was assigned to him), with the first line of the text and the times of the mother, or of the row where it has
-- none.

SELECT
    mine."appointment_id" AS "appointment",
    COALESCE(mother."do_by", mine."do_by") AS "start",
    words."text" AS "title",
    owner."firstname" AS "owner"
FROM CRM."appointment" mine
LEFT JOIN CRM."appointment" mother ON mine."mother_id" <> 0 AND mother."appointment_id" = mine."mother_id"
LEFT JOIN CRM."text" words ON words."text_id" = mine."text_id"
LEFT JOIN CRM."associate" who ON who."associate_id" = COALESCE(mother."associate_id", mine."associate_id")
LEFT JOIN CRM."person" owner ON owner."person_id" = who."person_id"
WHERE mine."associate_id" = (SELECT "associate_id" FROM CRM."associate" WHERE "name" = 'BO')
  AND mine."type" IN (1, 2, 6, 7)
  AND mine."status" IN (5, 6, 7, 8, 11, 12)
ORDER BY COALESCE(mother."do_by", mine."do_by"), mine."appointment_id";
