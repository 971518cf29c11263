-- Who answered what to meeting 739: every row of the meeting but the owner's. Declined is status 9, accepted 1 (and 2
-- or 3, when somebody has begun or completed it); 10 was uninvited. How many declined, the CRM counts on the mother.

SELECT
    participant."appointment_id" AS "appointment",
    participant."status" AS "status",
    participant."rejectReason" AS "reason",
    mother."rejectCounter" AS "declined"
FROM CRM."appointment" mother
JOIN CRM."appointment" participant ON participant."mother_id" = mother."appointment_id"
WHERE mother."appointment_id" = 739
  AND participant."appointment_id" <> mother."appointment_id"
  AND participant."status" <> 10
ORDER BY participant."appointment_id";
