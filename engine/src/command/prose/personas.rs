//! Documentation of the commands on personas, their categories and pages, and whom they are assigned to.

use super::Prose;
use super::shape::Shape::{Flag, Object, Objects, Text};
use super::shape::{Field, Shape, always, maybe};
use super::shared::NOTHING;

type About = (&'static str, &'static str);

const PERSONA_NAME: About = ("personaName", "The persona.");
const CATEGORY_NAME: About = ("personaCategoryName", "The category.");
const PAGE_NAME: About = ("personaPageName", "The page.");
const NEW_NAME: About = ("newName", "Its new name.");
const DESCRIPTION: About = ("description", "What it is for; empty for none.");
const URL: About = ("url", "Where the page is; empty for nowhere.");
const DETAILS: About = (
    "personaDetails",
    "JSON such as `[{\"personaCategory\":\"deployment\",\"personaPages\":[\"application\"]}]`; without `personaPages` all \
     pages that the category has now.",
);
const IS_DEFAULT: About =
    ("isDefault", "1 makes it the default in the place of the one that was: it needs a home page for that.");
const USER_NAMES: About = ("userNames", "The users, all of whom there must be.");
const GROUP_NAMES: About = ("groupNames", "The groups, all of which there must be.");

pub(super) const PERSONAS: &[Prose] = &[
    Prose {
        command: "addPersonaDetail",
        summary: "Shows a persona's users a category, or more pages of it.",
        details: "What the category is given later is not added. A predefined persona cannot be changed: copy it.",
        arguments: &[
            PERSONA_NAME,
            CATEGORY_NAME,
            ("personaPages", "The pages, which must be in the category; all that it has now unless said otherwise."),
        ],
        result: DETAIL_REPLY,
        example: "addPersonaDetail Persona1 deployment --personaPages application environment",
    },
    Prose {
        command: "assignPersonaToGroup",
        summary: "Assigns a persona to groups, all of them or none.",
        details: "It is then a persona of everybody whom one of the groups holds. Assigned again, it keeps its time.",
        arguments: &[PERSONA_NAME, GROUP_NAMES],
        result: GROUPS_REPLY,
        example: "assignPersonaToGroup \"Release Manager\" --groupNames Dev QA",
    },
    Prose {
        command: "assignPersonaToUser",
        summary: "Assigns a persona to users, all of them or none.",
        details: "Assigned again, it keeps its time.",
        arguments: &[PERSONA_NAME, USER_NAMES],
        result: USERS_REPLY,
        example: "assignPersonaToUser \"Release Manager\" --userNames Joe Sue",
    },
    Prose {
        command: "createPersona",
        summary: "Makes a persona: a home page, and the pages that it shows.",
        details: "",
        arguments: &[
            PERSONA_NAME,
            DETAILS,
            ("homePageName", "One of the pages of its details."),
            DESCRIPTION,
            IS_DEFAULT,
        ],
        result: PERSONA_REPLY,
        example: r#"createPersona Reviewer --personaDetails '[{"personaCategory":"deployment"}]'"#,
    },
    Prose {
        command: "createPersonaCategory",
        summary: "Makes a category of pages, from which personas show some.",
        details: "",
        arguments: &[
            CATEGORY_NAME,
            DESCRIPTION,
            ("personaPages", "Its pages, in their order, all of which there must be."),
        ],
        result: CATEGORY_REPLY,
        example: "createPersonaCategory \"Deploy East\" --personaPages application environment",
    },
    Prose {
        command: "createPersonaPage",
        summary: "Makes a page, which categories can then hold.",
        details: "",
        arguments: &[PAGE_NAME, DESCRIPTION, URL],
        result: PAGE_REPLY,
        example: "createPersonaPage \"Default Pipelines\" --url /pipelines",
    },
    Prose {
        command: "deletePersona",
        summary: "Deletes a persona and its assignments.",
        details: "The default persona and the predefined ones cannot be deleted.",
        arguments: &[PERSONA_NAME],
        result: NOTHING,
        example: "deletePersona \"Release Manager West\"",
    },
    Prose {
        command: "deletePersonaCategory",
        summary: "Deletes a category; it leaves all personas.",
        details: "A home page that a persona then no longer shows is unset. It is refused where that is the default's.",
        arguments: &[CATEGORY_NAME],
        result: NOTHING,
        example: "deletePersonaCategory \"Deploy East\"",
    },
    Prose {
        command: "deletePersonaPage",
        summary: "Deletes a page; it leaves all categories and personas.",
        details: "Where it was the home page, that is unset. It is refused where it is the default's.",
        arguments: &[PAGE_NAME],
        result: NOTHING,
        example: "deletePersonaPage \"Default Pipelines\"",
    },
    Prose {
        command: "getPersona",
        summary: "One persona.",
        details: "",
        arguments: &[PERSONA_NAME],
        result: PERSONA_REPLY,
        example: "getPersona \"Release Manager\"",
    },
    Prose {
        command: "getPersonaCategories",
        summary: "All categories, in the order in which they were made.",
        details: "",
        arguments: &[],
        result: Object(&[always("personaCategory", Objects(CATEGORY), "The oldest first.")]),
        example: "getPersonaCategories",
    },
    Prose {
        command: "getPersonaCategory",
        summary: "One category with its pages.",
        details: "",
        arguments: &[CATEGORY_NAME],
        result: CATEGORY_REPLY,
        example: "getPersonaCategory deployment",
    },
    Prose {
        command: "getPersonaPage",
        summary: "One page.",
        details: "",
        arguments: &[PAGE_NAME],
        result: PAGE_REPLY,
        example: "getPersonaPage pipeline",
    },
    Prose {
        command: "getPersonaPages",
        summary: "All pages, in the order in which they were made.",
        details: "",
        arguments: &[],
        result: Object(&[always("personaPage", Objects(PAGE), "The oldest first.")]),
        example: "getPersonaPages",
    },
    Prose {
        command: "getPersonas",
        summary: "All personas by name, or those of a user or a group.",
        details: "A user's come by the time of their assignment, a group's by their own age. Merged, they are one \
            persona: its name is that of all that have details, with blanks between, its home page that of the \
            earliest assigned that has one, or else the first page of the earliest assigned. If none is assigned, or \
            none has details, it is the default.",
        arguments: &[
            ("userName", "The user whose personas are asked for, those of its groups included."),
            ("groupName", "The group whose personas are asked for, those of the groups that hold it included."),
            ("merged", "1 for one persona in the place of all of the user's; needs `userName`."),
            ("excludeGroupPersonas", "1 for those only that are assigned to the user itself; needs `userName`."),
        ],
        result: Object(&[always("persona", Objects(PERSONA), "Those that the caller may read.")]),
        example: "getPersonas --userName Joe --merged 1",
    },
    Prose {
        command: "modifyPersona",
        summary: "Gives a persona other details, another home page, description or name.",
        details: "What is not given stays. A home page that is no longer shown is unset. A predefined persona takes \
            `isDefault 1` and nothing else, and the default keeps a home page.",
        arguments: &[
            PERSONA_NAME,
            ("clearDetails", "1 to remove all details before `personaDetails` are added."),
            DETAILS,
            ("homePageName", "One of the pages of its details; empty for none."),
            DESCRIPTION,
            IS_DEFAULT,
            NEW_NAME,
        ],
        result: PERSONA_REPLY,
        example: "modifyPersona Test --newName NewTest",
    },
    Prose {
        command: "modifyPersonaCategory",
        summary: "Gives a category more or other pages, another description or name.",
        details: "What it loses leaves the details of all personas.",
        arguments: &[
            CATEGORY_NAME,
            NEW_NAME,
            DESCRIPTION,
            ("personaPages", "Pages to add behind the others; those that there are not are made."),
            ("clearPages", "1 to remove all pages before `personaPages` are added."),
        ],
        result: CATEGORY_REPLY,
        example: "modifyPersonaCategory deployment --newName rollout --personaPages application environment",
    },
    Prose {
        command: "modifyPersonaPage",
        summary: "Gives a page another address, description or name.",
        details: "",
        arguments: &[PAGE_NAME, NEW_NAME, DESCRIPTION, URL],
        result: PAGE_REPLY,
        example: "modifyPersonaPage Applications --newName \"v9.2 Applications\"",
    },
    Prose {
        command: "removePersonaDetail",
        summary: "Shows a persona's users a category no more, or fewer pages of it.",
        details: "A category that there is not, or that the persona does not show, is nothing to remove. A home page \
            that is no longer shown is unset.",
        arguments: &[
            PERSONA_NAME,
            CATEGORY_NAME,
            ("personaPages", "The pages to remove; the category stays then. The whole category unless said otherwise."),
        ],
        result: DETAIL_REPLY,
        example: "removePersonaDetail persona1 deployment --personaPages application",
    },
    Prose {
        command: "unassignPersonaFromGroup",
        summary: "Takes a persona from groups, all of them or none.",
        details: "From whom it is not assigned to, there is nothing to take.",
        arguments: &[PERSONA_NAME, GROUP_NAMES],
        result: GROUPS_REPLY,
        example: "unassignPersonaFromGroup \"Release Manager\" --groupNames Dev",
    },
    Prose {
        command: "unassignPersonaFromUser",
        summary: "Takes a persona from users, all of them or none.",
        details: "From whom it is not assigned to, there is nothing to take.",
        arguments: &[PERSONA_NAME, USER_NAMES],
        result: USERS_REPLY,
        example: "unassignPersonaFromUser \"Release Manager\" --userNames Joe Sue",
    },
];

const PERSONA_REPLY: Shape = Object(&[always("persona", Object(PERSONA), "The persona as it is now.")]);
const CATEGORY_REPLY: Shape = Object(&[always("personaCategory", Object(CATEGORY), "The category as it is now.")]);
const PAGE_REPLY: Shape = Object(&[always("personaPage", Object(PAGE), "The page as it is now.")]);
const DETAIL_REPLY: Shape =
    Object(&[maybe("personaDetail", Object(DETAIL), "What the persona shows of the category now, if it does.")]);
const USERS_REPLY: Shape = Object(&[always("user", Objects(USER), "The users that were named.")]);
const GROUPS_REPLY: Shape = Object(&[always("group", Objects(GROUP), "The groups that were named.")]);

const USER: &[Field] = &[always("userName", Text, "The user's name.")];
const GROUP: &[Field] = &[always("groupName", Text, "The group's name.")];

const PERSONA: &[Field] = &[
    always("personaName", Text, "Its name; several with blanks between where personas are merged."),
    ABOUT,
    maybe("isDefault", Flag, "It is that of everybody to whom none is assigned."),
    maybe("homePageName", Text, "Its home page."),
    always("personaDetail", Objects(DETAIL), "The categories that it shows, the oldest first."),
];
const DETAIL: &[Field] = &[
    always("personaCategoryName", Text, "The category's name."),
    always("personaPages", Object(SHOWN), "The pages of it that are shown."),
];
const SHOWN: &[Field] = &[always("personaPage", Objects(NAMED), "In the order of the category.")];
const NAMED: &[Field] = &[always("personaPageName", Text, "The page's name.")];

const CATEGORY: &[Field] =
    &[always("personaCategoryName", Text, "Its name."), always("personaPages", Object(HELD), "Its pages."), ABOUT];
const HELD: &[Field] = &[always("personaPage", Objects(NAMED), "In the order in which they were added.")];

const PAGE: &[Field] = &[always("personaPageName", Text, "Its name."), ABOUT, maybe("url", Text, "Where it is.")];

const ABOUT: Field = maybe("description", Text, "What it is for.");
