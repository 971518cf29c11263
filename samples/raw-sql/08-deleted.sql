-- Ada deletes the meeting: her own row, Carla's and the room's go; Bo's stays to tell him (status 10).

UPDATE CRM."appointment" SET
    "status" = 10, "updated" = 1164905100, "updated_associate_id" = 7, "updatedCount" = "updatedCount" + 1
WHERE "appointment_id" = 740;

DELETE FROM CRM."appointment" WHERE "appointment_id" IN (739, 741, 742);
