"""What can be asked of the domain, and how far a role can reach with it. The table itself is `policy`."""

from enum import StrEnum


class Act(StrEnum):
    """What can be asked of the domain."""

    READ_OWN_PANEL = "read_own_panel"
    READ_PLAN = "read_plan"
    READ_SHARED = "read_shared"  # what is shared with home, and nothing else
    READ_CLASS = "read_class"
    READ_STARTS = "read_starts"  # who has a plan and a first review, and no words of either (002.19)
    COMPARE = "compare"  # how programmes and sites fare, in figures that show no child (002.8)
    READ_TRAIL = "read_trail"
    SEE_READERS = "see_readers"  # who opened the plan (T44), who can see an item (T6)
    CHANGE_PLAN = "change_plan"
    CHECK_QUALITY = "check_quality"  # before a plan goes home (001.15)
    REVIEW = "review"
    CONTRIBUTE = "contribute"
    AGREE = "agree"  # to a closed review, or say how they see it (001.12, T54)
    PICK_ACTIVITIES = "pick_activities"
    KEEP_DRAFTS = "keep_drafts"
    KEEP_LOG = "keep_log"
    SEND_SHEET = "send_sheet"  # to the family, print what is shared with it, and key in what comes back
    READ_SHEETS = "read_sheets"  # what families wrote (T4)
    ANSWER_SHEET = "answer_sheet"
    ANSWER_FORM = "answer_form"  # a provider’s own form about the learner they were named for (002.20)
    ADD_EVIDENCE = "add_evidence"
    CHECK_OTHERS = "check_others"  # whether media with other people in it may leave the class (T16)
    SETTLE_REPORTS = "settle_reports"  # of messages somebody reported (T41)
    SHARE = "share"  # exact items with a named person, for a purpose, until a day (T11)
    SEND_HOME = "send_home"  # words their writer marked "not for home", with a reason (T30)
    EXPORT = "export"
    DELETE_MINE = "delete_mine"  # one's own drafts and private words (T50)
    ASK_ERASURE = "ask_erasure"  # of the school's record, or that something in it be put right
    ERASE = "erase"
    MANAGE_PEOPLE = "manage_people"  # appoint, guardian links, join accounts
    SET_RULES = "set_rules"  # retention
    MANAGE_FRAMEWORKS = "manage_frameworks"
    UPGRADE_PLAN = "upgrade_plan"  # to a newer version of its framework


class Reach(StrEnum):
    """How far a role can go with an act at most, from nothing to everybody.

    A role's source says how far it does go: an enrolment gives SELF or COURSE, a guardian link CHILD, an appointment
    the student, course, phase or school it names. Reaches after CHILD include those named before them.
    """

    NONE = "none"
    SELF = "self"
    CHILD = "child"
    APPOINTED = "appointed"  # the student the appointment names
    COURSE = "course"
    PHASE = "phase"
    SCHOOL = "school"
