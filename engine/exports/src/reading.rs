//! What the statements of a file say about objects: which there are, who may what on them, who is in a group.

use crate::acl;
use crate::attributes::{self, Attribute};
use crate::dsl;
use crate::error::ImportError;
use crate::export::PersonaDetail;
use crate::names;
use crate::objects::{Object, Objects};
use crate::principals::{self, Unfit, Wrong};
use crate::source::{Source, shown};
use crate::statement::{Block, Code, Setting, Statement, Value};
use crate::summary::SkipReason;
use portcullis_engine::{PERSONA, PrincipalType, SYSTEM_OBJECT, TypeId};

/// What a file is for, given where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// The access control list of the object in whose `acls` folder it lies.
    Acl(Object),
    /// The own file of the object in whose folder it lies, such as `pipeline.dsl`.
    Own(Object),
    /// An export in one file, beside or instead of the folders.
    Single,
}

/// Takes what a file says.
///
/// # Errors
///
/// `InvalidExport`: the file does not parse, an access control list is not what one may be, a name is one that the
/// engine refuses, or the file gives an object a list that is another than the one it has.
pub(crate) fn read(role: Role, source: &Source<'_>, objects: &mut Objects<'_>) -> Result<(), ImportError> {
    let statements = dsl::parse(source.text).map_err(|fault| {
        let found = fault.found.map_or_else(|| source.found(fault.at), str::to_owned);
        source.error(fault.at, fault.expected, found)
    })?;
    let mut reading = Reading { objects, source };
    match role {
        Role::Acl(object) => reading.acl_file(object, &statements),
        Role::Own(object) => reading.own_file(object, &statements),
        Role::Single => reading.single_file(&statements),
    }
}

struct Reading<'r, 'a, 's> {
    objects: &'r mut Objects<'a>,
    source: &'r Source<'s>,
}

impl<'s> Reading<'_, '_, 's> {
    fn acl_file(&mut self, object: Object, statements: &[Statement<'s>]) -> Result<(), ImportError> {
        let found_before = self.objects.summary.acls_found;
        for statement in statements {
            match statement {
                Statement::Block(block) if block.keyword == "acl" => self.acl(object, block)?,
                other => self.skip_statement(other),
            }
        }
        if self.objects.summary.acls_found == found_before {
            self.objects.miss_acl(self.source.summary_place(0), "there is no `acl` block in it".into());
        }
        Ok(())
    }

    fn own_file(&mut self, object: Object, statements: &[Statement<'s>]) -> Result<(), ImportError> {
        let parent = self.objects.parent(object);
        for statement in statements {
            match statement {
                Statement::Block(block) => match self.block_kind(parent, block) {
                    // A computed name can only be the object's own.
                    Some(kind) if kind == object.kind && self.block_name(kind, block).is_none() => {
                        self.object(object, block)?
                    }
                    kind => self.child(parent, kind, block)?,
                },
                other => self.skip_statement(other),
            }
        }
        Ok(())
    }

    fn single_file(&mut self, statements: &[Statement<'s>]) -> Result<(), ImportError> {
        for statement in statements {
            match statement {
                Statement::Block(block) => {
                    let project = self.project_named_by(block)?;
                    self.child(project, self.block_kind(project, block), block)?;
                }
                other => self.skip_statement(other),
            }
        }
        Ok(())
    }

    /// A block at the top of a file that is no top-level object may name its project.
    fn project_named_by(&mut self, block: &Block<'s>) -> Result<Option<Object>, ImportError> {
        let schema = self.objects.schema;
        let Some(project) = self.objects.child_kind(None, "projects") else { return Ok(None) };
        let collection = names::collection(block.keyword);
        if self.block_kind(None, block).is_some() || schema.child_type(project, &collection).is_none() {
            return Ok(None);
        }
        match text_of(block, &schema.object_type(project).locator) {
            Some((name, at)) => Ok(self.register(None, project, name, at)?.ok()),
            None => Ok(None),
        }
    }

    /// Registers an object, or says why it is left out.
    fn register(
        &mut self,
        parent: Option<Object>,
        kind: TypeId,
        name: &str,
        at: usize,
    ) -> Result<Result<Object, SkipReason>, ImportError> {
        self.objects.register(parent, kind, name).map(Ok).or_else(|unfit| Ok(Err(self.left_out(unfit, at)?)))
    }

    /// Why something is left out, or the error at its place.
    fn left_out(&self, unfit: Unfit, at: usize) -> Result<SkipReason, ImportError> {
        match unfit {
            Unfit::LeftOut(reason) => Ok(reason),
            Unfit::Refused(Wrong { expected, found }) => Err(self.source.error(at, expected, found)),
        }
    }

    fn block_kind(&self, parent: Option<Object>, block: &Block<'s>) -> Option<TypeId> {
        self.objects.child_kind(parent, &names::collection(block.keyword))
    }

    /// The block's name with its byte offset.
    fn block_name<'b>(&self, kind: TypeId, block: &'b Block<'s>) -> Option<(&'b str, usize)> {
        match block.positional() {
            Some(argument) => Some((text(&argument.value)?, argument.at)),
            None => text_of(block, &self.objects.schema.object_type(kind).locator),
        }
    }

    /// A block that may be an object under `parent`, of the type that its keyword has there.
    fn child(&mut self, parent: Option<Object>, kind: Option<TypeId>, block: &Block<'s>) -> Result<(), ImportError> {
        let Some(kind) = kind else {
            self.skip_block(block, SkipReason::UnknownBlock, block.keyword);
            return Ok(());
        };
        let Some((name, at)) = self.block_name(kind, block) else {
            self.skip_block(block, SkipReason::ComputedValue, &format!("{} name", block.keyword));
            return Ok(());
        };
        match self.register(parent, kind, name, at)? {
            Ok(object) => self.object(object, block),
            Err(reason) => {
                self.skip_block(block, reason, &format!("{} {name}", block.keyword));
                Ok(())
            }
        }
    }

    fn object(&mut self, object: Object, block: &Block<'s>) -> Result<(), ImportError> {
        for argument in &block.arguments {
            self.attribute(object, argument.name.as_deref().unwrap_or("name"), &argument.value, argument.at)?;
        }
        for statement in block.statements() {
            self.statement(object, statement)?;
        }
        Ok(())
    }

    /// What stands in the braces of an object's block.
    fn statement(&mut self, object: Object, statement: &Statement<'s>) -> Result<(), ImportError> {
        let taken = Setting::of_statement(statement).filter(|set| self.attribute_of(object, set.name).is_some());
        match (taken, statement) {
            (Some(set), _) => self.attribute(object, set.name, set.value, set.at),
            (None, Statement::Assignment(set)) => self.attribute(object, set.name, &set.value, set.at),
            (None, Statement::Block(block)) if block.keyword == "acl" => self.acl(object, block),
            (None, Statement::Block(block)) if self.is_detail(object, block) => self.detail(object, block),
            (None, Statement::Block(block)) => self.child(Some(object), self.block_kind(Some(object), block), block),
            (None, Statement::Code(code)) => {
                self.skip_code(code);
                Ok(())
            }
        }
    }

    /// The name of the object's type, where objects of the type lie at the top of an export.
    fn top_kind(&self, object: Object) -> &str {
        match self.objects.parent(object) {
            None => &self.objects.schema.object_type(object.kind).name,
            Some(_) => "",
        }
    }

    fn attribute_of(&self, object: Object, name: &str) -> Option<Attribute> {
        attributes::find(self.top_kind(object), name)
    }

    fn attribute(&mut self, object: Object, name: &str, value: &Value<'s>, at: usize) -> Result<(), ImportError> {
        match (self.attribute_of(object, name), value) {
            (_, Value::Null) => {}
            (Some(Attribute::Password), _) => self.skip(SkipReason::Password, name, at),
            (_, Value::Computed) => self.skip(SkipReason::ComputedValue, name, at),
            (Some(attribute), value) => return self.take(object, attribute, Setting { name, value, at }),
            (None, value) if attributes::is_told(self.top_kind(object), name, value) => {
                let what = format!("{} {name}", self.top_kind(object));
                self.skip(SkipReason::NotKept, &what, at);
            }
            (None, _) => {}
        }
        Ok(())
    }

    /// Takes an attribute. Of two texts the later counts, as it would if the code ran; lists add up.
    fn take(&mut self, object: Object, attribute: Attribute, set: Setting<'_, 's>) -> Result<(), ImportError> {
        let Setting { name, value, at } = set;
        match attribute {
            Attribute::Text(field) => {
                let text = attributes::text(value, at, self.source)?;
                self.objects.note(object, |known| *field(known) = Some(text));
            }
            Attribute::IsDefault => {
                let is_default = attributes::flag(name, value, at, self.source)?;
                self.objects.note(object, |known| known.is_default = Some(is_default));
            }
            Attribute::Details => {
                let details = attributes::details(value, at, self.source)?;
                self.objects.note(object, |known| known.persona_details.get_or_insert_default().extend(details));
            }
            Attribute::Pages => {
                let pages = self.names("pages", set)?.into_iter().map(|(page, _)| page);
                self.objects.note(object, |known| add_once(known.persona_pages.get_or_insert_default(), pages));
            }
            Attribute::Personas => {
                self.names("personas", set)?.into_iter().for_each(|(name, _)| self.objects.assign(object, name));
            }
            Attribute::Members => {
                let users = self.names("users", set)?;
                return users.iter().try_for_each(|(user, at)| self.named_member(object, user, *at));
            }
            Attribute::Groups => {
                let groups = self.names("groups", set)?;
                return groups.iter().try_for_each(|(group, at)| self.membership(object, group, *at));
            }
            Attribute::Password => {}
        }
        Ok(())
    }

    /// The names in a list, or the one that stands there alone, each with its byte offset. A lone empty text is none.
    fn names(&mut self, named: &str, set: Setting<'_, 's>) -> Result<Vec<(String, usize)>, ImportError> {
        let values: Vec<(&Value<'s>, usize)> = match set.value {
            Value::List(values) => values.iter().map(|(value, at)| (value, *at)).collect(),
            Value::Text(text) if text.is_empty() => Vec::new(),
            alone => vec![(alone, set.at)],
        };
        let mut names = Vec::with_capacity(values.len());
        for (value, at) in values {
            match attributes::name(named, value, at, self.source)? {
                Some(name) => names.push((name, at)),
                None => self.skip(SkipReason::ComputedValue, set.name, at),
            }
        }
        Ok(names)
    }

    fn is_detail(&self, object: Object, block: &Block<'s>) -> bool {
        block.keyword == "personaDetail" && self.top_kind(object) == PERSONA
    }

    /// A category that a persona shows. Without knowing its name or its pages there is no saying what it shows.
    fn detail(&mut self, persona: Object, block: &Block<'s>) -> Result<(), ImportError> {
        let mut category = block.positional().map(|argument| (&argument.value, argument.at));
        let (mut persona_pages, mut is_computed) = (None, false);
        for set in settings(block) {
            match set.name {
                "personaCategory" | "personaCategoryName" => category = Some((set.value, set.at)),
                "personaPage" | "personaPages" if *set.value == Value::Computed => is_computed = true,
                "personaPage" | "personaPages" => {
                    let pages = self.names("pages", set)?.into_iter().map(|(page, _)| page);
                    add_once(persona_pages.get_or_insert_default(), pages);
                }
                other => self.skip(SkipReason::NotKept, &format!("personaDetail {other}"), set.at),
            }
        }
        for statement in block.statements().iter().filter(|known| Setting::of_statement(known).is_none()) {
            self.skip_statement(statement);
        }
        let Some((category, at)) = category else {
            return Err(self.source.error(block.at, "a `personaCategoryName`", "a `personaDetail` without it"));
        };
        match attributes::name("categories", category, at, self.source)? {
            Some(persona_category) if !is_computed => {
                let detail = PersonaDetail { persona_category, persona_pages };
                self.objects.note(persona, |known| known.persona_details.get_or_insert_default().push(detail));
            }
            _ => self.skip(SkipReason::ComputedValue, "personaDetail", block.at),
        }
        Ok(())
    }

    /// Puts a user into a group that its own block names.
    fn membership(&mut self, user: Object, group: &str, at: usize) -> Result<(), ImportError> {
        let Some(groups) = self.objects.child_kind(None, "groups") else { return Ok(()) };
        let user = names::of_path(self.objects.path(user));
        match self.register(None, groups, group, at)? {
            Ok(group) => self.named_member(group, &user, at),
            Err(reason) => {
                self.skip(reason, &format!("group {group}"), at);
                Ok(())
            }
        }
    }

    /// A member of `Everyone` is only registered: that is what puts a user into it.
    fn named_member(&mut self, group: Object, user: &str, at: usize) -> Result<(), ImportError> {
        if let Err(unfit) = principals::check_registered(PrincipalType::User, user) {
            let reason = self.left_out(unfit, at)?;
            self.skip(reason, &format!("member {user}"), at);
        } else if self.objects.path(group) == "/groups/Everyone" {
            if let Some(users) = self.objects.child_kind(None, "users") {
                self.register(None, users, user, at)?.ok();
            }
            self.skip(SkipReason::MemberOfEveryone, "userName of group Everyone", at);
        } else {
            self.objects.add_member(group, user);
        }
        Ok(())
    }

    fn acl(&mut self, object: Object, block: &Block<'s>) -> Result<(), ImportError> {
        let read = acl::read(block, &self.objects.privileges, self.source)?;
        for note in &read.notes {
            let what = format!("{} of {}", note.what, self.objects.path(object));
            self.skip(note.reason, &what, note.at);
        }
        for (name, at) in &read.system_objects {
            let mut own = String::from("/systemObjects");
            names::push_segment(&mut own, name);
            if object.kind != SYSTEM_OBJECT || self.objects.path(object) != own {
                self.skip(SkipReason::EntryNamesOther, &format!("aclEntry with systemObjectName {name}"), *at);
            }
        }
        if self.objects.set_acl(object, read.acl) {
            return Ok(());
        }
        let path = shown(self.objects.path(object));
        Err(self.source.error(
            block.at,
            format!("one access control list for {path}"),
            "a second one that says something else",
        ))
    }

    fn skip(&mut self, reason: SkipReason, name: &str, at: usize) {
        self.objects.skips.add(reason, name, 1, || self.source.summary_place(at));
    }

    fn skip_code(&mut self, code: &Code<'s>) {
        self.skip(SkipReason::Code, code.begins, code.at);
    }

    fn skip_statement(&mut self, statement: &Statement<'s>) {
        match statement {
            Statement::Block(block) => self.skip_block(block, SkipReason::UnknownBlock, block.keyword),
            Statement::Assignment(set) => self.skip(SkipReason::Code, set.name, set.at),
            Statement::Code(code) => self.skip_code(code),
        }
    }

    /// Leaves out a block, but not in silence the access control lists in it.
    fn skip_block(&mut self, block: &Block<'s>, reason: SkipReason, name: &str) {
        match block.keyword {
            "aclEntry" => return self.skip(SkipReason::EntryOutsideAcl, "aclEntry", block.at),
            "acl" => {
                let place = self.source.summary_place(block.at);
                return self.objects.miss_acl(place, "it stands in no object's block".into());
            }
            _ => self.skip(reason, name, block.at),
        }
        self.miss_acls_in(block, name);
    }

    fn miss_acls_in(&mut self, block: &Block<'s>, outermost: &str) {
        for statement in block.statements() {
            match statement {
                Statement::Block(inner) if inner.keyword == "acl" => {
                    let why = format!("the block {} around it was left out", shown(outermost));
                    self.objects.miss_acl(self.source.summary_place(inner.at), why);
                }
                Statement::Block(inner) => self.miss_acls_in(inner, outermost),
                _ => {}
            }
        }
    }
}

fn text<'b>(value: &'b Value<'_>) -> Option<&'b str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// Adds names to others, each once.
fn add_once(known: &mut Vec<String>, names: impl Iterator<Item = String>) {
    for name in names {
        if !known.contains(&name) {
            known.push(name);
        }
    }
}

/// Everything that a block sets by name, as an argument or in its braces.
fn settings<'b, 's>(block: &'b Block<'s>) -> impl Iterator<Item = Setting<'b, 's>> {
    let arguments = block.arguments.iter().filter_map(Setting::of_argument);
    arguments.chain(block.statements().iter().filter_map(Setting::of_statement))
}

/// The text that the block gives for a name, as an argument or in its braces, with its byte offset.
fn text_of<'b>(block: &'b Block<'_>, name: &str) -> Option<(&'b str, usize)> {
    settings(block).filter(|setting| setting.name == name).find_map(|setting| Some((text(setting.value)?, setting.at)))
}
