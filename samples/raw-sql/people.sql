-- What the other files of this folder presuppose: groups, companies, people, logins, addresses, the type of the
-- meeting, counters to count in and words the search has met before. All of them invented.

INSERT INTO CRM."usergroup" ("UserGroup_id", "name") VALUES
    (1, 'Cellar'),
    (4, 'Orchard'),
    (5, 'Press');

INSERT INTO CRM."contact" ("contact_id", "name") VALUES
    (2, 'Hillside Cider'),
    (13, 'Moreau Barrels'),
    (29, 'Okafor Foods');

INSERT INTO CRM."person" ("person_id", "contact_id", "firstname", "lastname") VALUES
    (15, 2, 'Ada', 'Lindqvist'),
    (18, 2, 'Bo', 'Tangen'),
    (42, 13, 'Carla', 'Moreau'),
    (74, 29, 'Eve', 'Okafor'),
    (149, 2, 'Dag', 'Whitfield');

-- Associate 41 is a resource (type 1): a room, and nobody's person.

INSERT INTO CRM."associate" ("associate_id", "name", "userName", "person_id", "group_idx", "type", "isLocation") VALUES
    (7, 'ADA', 'Ada Lindqvist', 15, 4, 0, 0),
    (10, 'BO', 'Bo Tangen', 18, 5, 0, 0),
    (13, 'DAG', 'Dag Whitfield', 149, 1, 0, 0),
    (41, 'TASTING ROOM', 'Tasting room', 0, 4, 1, 1);

INSERT INTO CRM."email" ("email_id", "contact_id", "person_id", "email_address", "description", "rank") VALUES
    (315, 2, 15, 'ada@hillside.example', '', 1),
    (318, 2, 18, 'bo@hillside.example', '', 1),
    (342, 13, 42, 'carla@moreau.example', '', 1),
    (374, 29, 74, 'eve@okafor.example', '', 1),
    (449, 2, 149, 'dag@hillside.example', '', 1);

INSERT INTO CRM."task" ("Task_id", "name", "record_type", "direction") VALUES
    (8, 'Meeting', 1, 3);

INSERT INTO CRM."countervalue" ("CounterValue_id", "contact_id", "record_type", "direction", "intent_id") VALUES
    (16402, 13, 1, 3, 0),
    (16406, 13, 1, 3, 5),
    (16591, 13, 10, 3, 0),
    (16595, 13, 10, 3, 5),
    (19344, 29, 1, 3, 0),
    (19348, 29, 1, 3, 5),
    (19533, 29, 10, 3, 0),
    (19537, 29, 10, 3, 5);

INSERT INTO CRM."freetextwords" ("freetextwords_id", "word") VALUES
    (199, 'NEW'),
    (1208, 'WITH');
