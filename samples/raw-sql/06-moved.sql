-- Ada moves the meeting by a day: the new times in all four rows, and Bo is asked again (type 6, status 6). External
-- people and rooms are not asked.

UPDATE CRM."appointment" SET
    "do_by" = 1164975300, "activeDate" = 1164975300, "endDate" = 1164980700, "updated" = 1164904800,
    "updated_associate_id" = 7, "updatedCount" = "updatedCount" + 1
WHERE "mother_id" = 739;

UPDATE CRM."appointment" SET
    "type" = 6, "status" = 6
WHERE "appointment_id" = 740;
