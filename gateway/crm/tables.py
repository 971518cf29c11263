"""The CRM's tables as SQLAlchemy Core knows them: names, case, lengths and order are the CRM's own.

Every column that the CRM's table pages list, or that its documented raw SQL touches, is here, so that this
SQL runs as it stands (`CRM."appointment"` included). On PostgreSQL the schema is `crm`. On SQLite our engines
map `crm` to none (`schema_translate_map`), and a foreign session attaches the file under the name `CRM`.

`Table.info["number"]` is the CRM's table number, as found in `traveltransactionlog.tablenumber` and in
`visiblefor."tableId"`.

Sources: en/database/tables/*.mdx and en/api/sql/howto/diary/*.md(x) of the CRM's public documentation.
"""

from typing import Final

from sqlalchemy import Column, Connection, Text
from sqlalchemy import text as sql

from gateway.crm import columns
from gateway.crm.columns import amounts, audit, list_table, numbers, on, table, utc, wall, words

SCHEMA: Final = columns.SCHEMA
metadata: Final = columns.metadata

appointment: Final = table(
    "appointment",
    9,
    "appointment_id",
    *numbers("contact_id person_id associate_id group_idx"),
    *utc("registered"),
    *numbers("registered_associate_id"),
    *wall("done do_by"),
    *numbers("leadtime task_idx priority_idx type status private alarm text_id project_id mother_id"),
    # opportunity_id is gone from the modern table, but the documented SQL writes it.
    *numbers("document_id color_index opportunity_id invitedPersonId"),
    *wall("activeDate endDate"),
    *numbers("lagTime source userdef_id userdef2_id"),
    *utc("updated"),
    *numbers("updated_associate_id updatedCount activeLinks recurrenceRuleId"),
    *words(254, "location"),
    *numbers("alldayEvent freeBusy rejectCounter emailId"),
    *words(254, "rejectReason"),
    *numbers("hasAlarm assignedBy preferredTZLocation sale_id suggestedAppointmentId suggestedDocumentId"),
    *numbers("isMilestone"),
    *words(2000, "join_videomeet_url"),
    *words(100, "centralservice_videomeet_id"),
    *wall("original_start_date"),
    *numbers("agenda_text_id internal_notes_text_id SendEmail modified_appointment_fields"),
    *numbers("created_by_workflow_id cautionWarning mother_associate_id owned_externally"),
    Column("external_participants", Text),
    # The first two unique keys are the CRM's; as each ends in the primary key, they can refuse no row.
    on("associate_id", "activeDate", "mother_id", "appointment_id", unique=True),
    on(
        *("mother_id", "status", "activeDate", "registered_associate_id", "registered"),
        *("assignedBy", "group_idx", "type", "associate_id", "appointment_id"),
        unique=True,
        name="ix_appointment_mother_id_status",
    ),
    on("recurrenceRuleId", "activeDate", "mother_id"),
    on("associate_id", "type", "endDate", "do_by"),
    on("contact_id"),
    on("person_id"),
    on("text_id"),
    on("agenda_text_id"),
    # These three the CRM lacks: by them a changed address, person or type finds its rows. Where the CRM owns
    # the table, its administrator may add them.
    on("emailId"),
    on("invitedPersonId"),
    on("task_idx"),
)

text: Final = table(
    "text",
    18,
    "text_id",
    *numbers("type owner_id"),
    *audit(),
    *words(4000, "text"),
    *numbers("lcid seqno"),
    Column("html_text", Text),
    on("owner_id", "type"),
)

visiblefor: Final = table(
    "visiblefor",
    196,
    "VisibleFor_id",
    *numbers("tableId recordId forAll forGroupId forAssocId"),
    *words(254, "encryptedCheck"),
    *numbers("appointmentId saleId saleHistId selectionId"),
    *audit(),
    on("tableId", "recordId", "forAll", "forGroupId", "forAssocId"),
)

invitation: Final = table(
    "invitation",
    496,
    "invitation_id",
    *words(255, "event_uid"),
    *numbers("event_sequence"),
    *wall("event_dtstamp"),
    *numbers("appointment_id"),
    *audit(),
    *words(255, "organizer_email organizer_fullname"),
    *wall("recurring_end_date recurring_start_date"),
    *words(16, "template_language"),
    on("event_uid"),
    on("appointment_id"),
)

recurrencerule: Final = table(
    "recurrencerule",
    207,
    "RecurrenceRule_id",
    *numbers("pattern subPattern weekdays"),
    *wall("startDate endDate"),
    *numbers("cyclicDay cyclicWeek cyclicMonth"),
    *audit(),
)

associate: Final = table(
    "associate",
    2,
    "associate_id",
    *words(239, "name"),
    *numbers("rank"),
    *words(254, "tooltip"),
    *numbers("deleted group_idx"),
    *wall("lastlogin lastlogout"),
    *numbers("person_id"),
    *wall("checklistlimit"),
    *numbers("type"),
    *words(127, "userFlags"),
    *audit(),
    *numbers("isLocation tzLocationId"),
    *words(239, "locationAddress"),
    *numbers("ejuserId"),
    *words(254, "encryptedCheck userName"),
    *numbers("waiting_for_approval"),
    on("name", unique=True),
    on("person_id"),
)

person: Final = table(
    "person",
    6,
    "person_id",
    *numbers("contact_id rank"),
    *words(99, "lastname firstname"),
    *words(239, "mrmrs title"),
    *numbers("text_id position_idx year_of_birth month_of_birth day_of_birth phone_present userdef_id"),
    *audit(),
    *words(49, "person_number"),
    *words(99, "kanalname kanafname post1 post2 post3"),
    *numbers("usepersonaddress"),
    *words(99, "middleName"),
    *numbers("source nomailing country_id userdef2_id retired activeInterests associate_id group_id"),
    *words(239, "salutation"),
    *words(254, "department"),
    *words(63, "initials"),
    *numbers("gender business_idx category_idx tzLocationId sentInfo showContactTickets ticketPriorityId"),
    *numbers("supportLanguageId supportAssociateId dbi_agent_id"),
    *words(255, "dbi_key"),
    *wall("dbi_last_syncronized dbi_last_modified"),
    *numbers("blockEmarketing activeErpLinks"),
    *utc("DeletedDate"),
    *numbers("created_by_form_id modified_by_workflow_id"),
    *utc("modified_by_workflow_when"),
    *numbers("leadstatus_id"),
    *words(200, "sourcedFrom linkedinUrl"),
    *numbers("contextText_id"),
    on("contact_id", "rank"),
)

contact: Final = table(
    "contact",
    5,
    "contact_id",
    *words(219, "name kananame department"),
    *words(49, "number1 number2"),
    *numbers("associate_id country_id business_idx category_idx xstop nomailing"),
    *audit(),
    *numbers("text_id mother_id userdef_id"),
    *words(49, "orgNr"),
    *words(9, "soundEx"),
    *numbers("source userdef2_id activeInterests group_id tzLocationId ticketPriorityId deleted"),
    *numbers("supportLanguageId supportAssociateId supportPersonId dbi_agent_id"),
    *words(255, "dbi_key"),
    *wall("dbi_last_syncronized dbi_last_modified"),
    *numbers("activeErpLinks"),
    *utc("DeletedDate"),
    *numbers("numEmployees yearFounded revenueYear"),
    *amounts("revenueBasecurrency sharecapitalBasecurrency"),
    *words(200, "sourcedFrom linkedinUrl"),
    *numbers("contextText_id"),
)

email: Final = table(
    "email",
    55,
    "email_id",
    *numbers("contact_id person_id project_id reserved_id1 reserved_id2"),
    *words(11, "protocol"),
    *numbers("type"),
    *words(254, "description"),
    *words(239, "email_address"),
    *numbers("rank"),
    *audit(),
    *numbers("bounceCount"),
    *wall("lastBounce lastSent"),
    *numbers("dbi_agent_id appointment_id lastBounceCode"),
    *words(4000, "lastBounceReason"),
    on("person_id"),
    on("appointment_id"),
    on("email_address"),
)

task: Final = list_table(
    "task",
    67,
    "Task_id",
    *numbers("record_type direction color_index defaultAlldayEvent defaultFreeBusy defaultPublishType"),
    *numbers("intentId default_videomeeting_status"),
)

priority: Final = list_table("priority", 79, "Priority_id")

usergroup: Final = list_table("usergroup", 59, "UserGroup_id", *numbers("type"))

traveltransactionlog: Final = table(
    "traveltransactionlog",
    29,
    "traveltransactionlog_id",
    *wall("ttime"),
    *numbers("prev_record_id type associate_id tablenumber record_id flags application_id"),
    on("tablenumber", "record_id"),
)

countervalue: Final = table(
    "countervalue",
    197,
    "CounterValue_id",
    *numbers("contact_id person_id project_id extra1_id extra2_id record_type direction intent_id"),
    *numbers("sale_status amountClassId totalReg totalRegInPeriod notCompleted notCompletedInPeriod"),
    *wall("lastRegistered lastCompleted lastDoBy"),
    *numbers("extra1_count extra2_count extra3_count extra4_count"),
    *audit(),
)

freetextwords: Final = table(
    "freetextwords",
    45,
    "freetextwords_id",
    *words(19, "word"),
    *words(9, "soundEx"),
)

freetextindex: Final = table(
    "freetextindex",
    46,
    "freetextindex_id",
    *numbers("freetextwords_id table_id record_id ownertable_id ownerrecord_id infile contact_id"),
    on("table_id", "record_id"),
)

tzlocation: Final = table(
    "tzlocation",
    245,
    "TZLocation_id",
    *numbers("countryId"),
    *words(29, "locationCode"),
    *words(254, "groupName regionName"),
    *words(2047, "cities"),
    *words(254, "shortName description"),
    *numbers("isBuiltIn isActive isDeleted"),
    *audit(),
    on("locationCode", unique=True),
)


def create_tables(connection: Connection) -> None:
    """Make what is absent, on PostgreSQL the schema too: for tests, for users have theirs from Alembic."""
    if connection.dialect.name == "postgresql":
        connection.execute(sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    else:
        connection = connection.execution_options(schema_translate_map={SCHEMA: None})
    metadata.create_all(connection)
