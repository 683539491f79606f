//! Every object type of `domain.md` §1, "Objects, locators, parents": its parents, its path, its locators, there and
//! back.

use crate::policy::Policy;
use portcullis_engine::{Address, Schema};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The table of `domain.md`, by hand: type, locator, collection, and what it lies under (a system object as `@NAME`).
const TABLE: &[(&str, &str, &str, &[&str])] = &[
    ("project", "projectName", "projects", &["@projects"]),
    ("application", "applicationName", "applications", &["project"]),
    ("environment", "environmentName", "environments", &["project"]),
    ("environmentTemplate", "environmentTemplateName", "environmentTemplates", &["project"]),
    ("procedure", "procedureName", "procedures", &["project"]),
    ("pipeline", "pipelineName", "pipelines", &["project", "release"]),
    ("release", "releaseName", "releases", &["project"]),
    ("flow", "flowName", "flows", &["project"]),
    ("workflowDefinition", "workflowDefinitionName", "workflowDefinitions", &["project"]),
    ("workflow", "workflowName", "workflows", &["project"]),
    ("schedule", "scheduleName", "schedules", &["project"]),
    ("credential", "credentialName", "credentials", &["project"]),
    ("resourceTemplate", "resourceTemplateName", "resourceTemplates", &["project"]),
    ("job", "jobId", "jobs", &["project"]),
    ("catalog", "catalogName", "catalogs", &["project"]),
    ("pluginConfiguration", "pluginConfigurationName", "pluginConfigurations", &["project"]),
    ("catalogItem", "catalogItemName", "catalogItems", &["catalog"]),
    ("applicationTier", "applicationTierName", "applicationTiers", &["application"]),
    ("snapshot", "snapshotName", "snapshots", &["application"]),
    ("microservice", "microserviceName", "microservices", &["application"]),
    ("component", "componentName", "components", &["applicationTier", "application", "project"]),
    ("process", "processName", "processes", &["component", "microservice", "application"]),
    ("processStep", "processStepName", "processSteps", &["process"]),
    ("environmentTier", "environmentTierName", "environmentTiers", &["environment"]),
    ("cluster", "clusterName", "clusters", &["environment"]),
    ("reservation", "reservationName", "reservations", &["environment"]),
    ("environmentTemplateTier", "environmentTemplateTierName", "environmentTemplateTiers", &["environmentTemplate"]),
    ("step", "stepName", "steps", &["procedure"]),
    ("stage", "stageName", "stages", &["pipeline"]),
    ("gate", "gateType", "gates", &["stage"]),
    ("task", "taskName", "tasks", &["stage", "gate", "task"]),
    ("flowState", "flowStateName", "flowStates", &["flow"]),
    ("flowTransition", "flowTransitionName", "flowTransitions", &["flowState"]),
    ("flowRuntime", "flowRuntimeName", "flowRuntimes", &["project"]),
    ("flowRuntimeState", "flowRuntimeStateName", "flowRuntimeStates", &["flowRuntime"]),
    ("stateDefinition", "stateDefinitionName", "stateDefinitions", &["workflowDefinition"]),
    ("transitionDefinition", "transitionDefinitionName", "transitionDefinitions", &["stateDefinition"]),
    ("state", "stateName", "states", &["workflow"]),
    ("transition", "transitionName", "transitions", &["state"]),
    ("jobStep", "jobStepId", "jobSteps", &["job", "jobStep"]),
    ("user", "userName", "users", &["@directory"]),
    ("group", "groupName", "groups", &["@directory"]),
    ("serviceAccount", "serviceAccountName", "serviceAccounts", &["@directory"]),
    ("artifact", "artifactName", "artifacts", &["@artifacts"]),
    ("artifactVersion", "artifactVersionName", "artifactVersions", &["artifact"]),
    ("repository", "repositoryName", "repositories", &["@repositories"]),
    ("resource", "resourceName", "resources", &["@resources"]),
    ("resourcePool", "resourcePoolName", "resourcePools", &["@resources"]),
    ("workspace", "workspaceName", "workspaces", &["@workspaces"]),
    ("zone", "zoneName", "zones", &["@zonesAndGateways"]),
    ("gateway", "gatewayName", "gateways", &["@zonesAndGateways"]),
    ("plugin", "pluginName", "plugins", &["@plugins"]),
    ("emailConfig", "configName", "emailConfigs", &["@emailConfigs"]),
    ("searchFilter", "searchFilterName", "searchFilters", &["@searchFilters"]),
    ("tag", "tagName", "tags", &["@tags"]),
    ("persona", "personaName", "personas", &["@personas"]),
    ("personaCategory", "personaCategoryName", "personaCategories", &["@personas"]),
    ("personaPage", "personaPageName", "personaPages", &["@personas"]),
    ("session", "sessionName", "sessions", &["@session"]),
    ("token", "tokenName", "tokens", &["@session"]),
    ("notifier", "notifierName", "emailNotifiers", &["*"]),
    ("propertySheet", "propertySheetId", "propertySheets", &["*"]),
];

/// The system objects of `domain.md`.
const SYSTEM_OBJECTS: &str = "admin, analyticsServerConfigurations, archiveConnectors, artifacts, artifactVersions, \
    ciConfigurations, dataRetentionPolicies, devOpsInsightServerConfigurations, directory, dslClientFiles, \
    emailConfigs, forceAbort, licensing, log, personas, plugins, priority, projects, reportObjectTypes, repositories, \
    resources, searchFilters, server, session, ssoConfiguration, tags, test, workspaces, zonesAndGateways";

/// An object's way from the root: types and names.
#[derive(Clone, Debug)]
struct Chain {
    system: Option<&'static str>,
    steps: Vec<(&'static str, String)>,
}

fn row(kind: &str) -> (&'static str, &'static str, &'static str, &'static [&'static str]) {
    *TABLE.iter().find(|row| row.0 == kind).expect("every parent is in the table")
}

/// Every way to an object of a type; a type inside itself once.
fn chains(kind: &'static str, depth: usize) -> Vec<Chain> {
    let (_, _, _, parents) = row(kind);
    let name = |depth: usize| if kind == "gate" { "POST".into() } else { format!("{kind} {depth}/%") };
    let mut found = Vec::new();
    for parent in parents {
        let above = match parent.strip_prefix('@') {
            Some(system) => vec![Chain { system: Some(system), steps: Vec::new() }],
            None if *parent == kind && depth > 0 => continue,
            None if *parent == "*" => all_for_anywhere(),
            None => chains(parent, if *parent == kind { depth + 1 } else { 0 }),
        };
        found.extend(above.into_iter().map(|mut chain| {
            chain.steps.push((kind, name(depth)));
            chain
        }));
    }
    found
}

/// What a notifier or a sheet is tried under: one object of every other type, every system object, a sheet.
fn all_for_anywhere() -> Vec<Chain> {
    let others = TABLE.iter().filter(|row| row.3 != ["*"]).filter_map(|row| chains(row.0, 0).into_iter().next());
    let systems = SYSTEM_OBJECTS.split(", ").map(|name| Chain { system: Some(name), steps: Vec::new() });
    others.chain(systems).collect()
}

fn all_chains() -> Vec<Chain> {
    TABLE.iter().flat_map(|row| chains(row.0, 0)).collect()
}

impl Chain {
    fn path(&self) -> String {
        let escape = |name: &str| name.replace('%', "%25").replace('/', "%2F");
        let steps: String =
            self.steps.iter().map(|(kind, name)| format!("/{}/{}", row(kind).2, escape(name))).collect();
        // What can lie under any object says under which; for the others the table does.
        match (self.system, self.steps.first()) {
            (Some(system), Some((kind, _))) if row(kind).3 == ["*"] => format!("/systemObjects/{system}{steps}"),
            _ => steps,
        }
    }

    fn locators(&self) -> Map<String, Value> {
        let mut found = Map::new();
        if let (Some(system), Some((kind, _))) = (self.system, self.steps.first())
            && row(kind).3 == ["*"]
        {
            found.insert("systemObjectName".into(), system.into());
        }
        for (at, (kind, name)) in self.steps.iter().enumerate() {
            let nested = self.steps.get(at + 1).is_some_and(|(below, _)| below == kind);
            let argument = match (nested, *kind) {
                (false, _) => row(kind).1,
                (true, "jobStep") => "parentJobStepId",
                (true, "propertySheet") => "parentPropertySheetId",
                (true, _) => "parentTaskName",
            };
            // An artifact version's name is given with its artifact's in front, as the documents have it.
            let value = match at.checked_sub(1).map(|above| &self.steps[above].1) {
                Some(artifact) if *kind == "artifactVersion" => format!("{artifact}:{name}"),
                _ => name.clone(),
            };
            found.insert(argument.into(), value.into());
        }
        found
    }

    /// More than two of a type in one another: a locator has two levels.
    fn is_addressed_by_path_alone(&self) -> bool {
        self.steps.windows(3).any(|steps| steps[0].0 == steps[1].0 && steps[1].0 == steps[2].0)
    }
}

#[test]
fn the_schema_has_exactly_the_types_and_system_objects_of_the_table() {
    let schema = Schema::cdro();
    let types: BTreeSet<&str> = schema.types().skip(1).map(|(_, kind)| kind.name.as_str()).collect();
    assert_eq!(types, TABLE.iter().map(|row| row.0).collect());
    let systems: BTreeSet<&str> = schema.system_objects().iter().map(String::as_str).collect();
    assert_eq!(systems, SYSTEM_OBJECTS.split(", ").collect());
}

#[test]
fn every_type_lies_under_the_parents_of_the_table_and_no_other() {
    let schema = Schema::cdro();
    for (child, kind) in schema.types().skip(1) {
        let (_, locator, collection, parents) = row(&kind.name);
        assert_eq!((kind.locator.as_str(), kind.collection.as_str()), (locator, collection), "{}", kind.name);
        for (parent, above) in schema.types() {
            let expected = parents == ["*"] || parents.contains(&above.name.as_str());
            assert_eq!(schema.is_child(parent, child), expected, "{} under {}", kind.name, above.name);
        }
        let system = kind.system_object.map(|index| format!("@{}", schema.system_objects()[usize::from(index)]));
        let expected = parents.iter().find(|parent| parent.starts_with('@')).map(|parent| (*parent).to_owned());
        assert_eq!(system, expected, "{}", kind.name);
    }
}

#[test]
fn a_path_is_read_and_written_alike_for_every_way_to_every_type() {
    let schema = Schema::cdro();
    for chain in all_chains() {
        let address = Address::parse(&schema, &chain.path()).unwrap_or_else(|error| panic!("{chain:?}: {error}"));
        assert_eq!(schema.object_type(address.kind()).name, chain.steps.last().unwrap().0);
        assert_eq!(address.path(&schema), chain.path());
    }
}

#[test]
fn a_path_gives_the_locators_and_the_locators_the_path_for_every_way_to_every_type() {
    let schema = Schema::cdro();
    let mut policy = Policy::new();
    for chain in all_chains() {
        let address = Address::parse(&schema, &chain.path()).unwrap();
        let locators = address.locators(&schema);
        if chain.is_addressed_by_path_alone() {
            assert_eq!(locators.unwrap_err().code(), "InvalidArgument", "{chain:?}");
            continue;
        }
        let given: Map<String, Value> =
            locators.unwrap().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        assert_eq!(Value::Object(given.clone()), Value::Object(chain.locators()), "{chain:?}");
        let mut arguments = given;
        arguments.insert("privilege".into(), "read".into());
        let explained = policy.ask("user:admin", 0, "explain", Value::Object(arguments));
        let explained = explained.unwrap_or_else(|error| panic!("{chain:?}: {error}"));
        assert_eq!(explained["object"], chain.path(), "{chain:?}");
    }
}

#[test]
fn the_order_of_the_locators_does_not_matter() {
    let mut policy = Policy::new();
    for chain in all_chains().into_iter().filter(|chain| !chain.is_addressed_by_path_alone()) {
        let mut arguments: Map<String, Value> = chain.locators().into_iter().rev().collect();
        arguments.insert("privilege".into(), "read".into());
        let explained = policy.ask("user:admin", 0, "explain", Value::Object(arguments));
        assert_eq!(explained.map(|reply| reply["object"].clone()), Ok(chain.path().into()));
    }
}

#[test]
fn an_object_of_every_type_is_created_found_and_shown_with_its_whole_chain() {
    let mut policy = Policy::new();
    for chain in all_chains() {
        for end in 1..=chain.steps.len() {
            let part = Chain { system: chain.system, steps: chain.steps[..end].to_vec() };
            let made = policy.admin("createObject", json!({ "path": part.path() }));
            assert!(made.is_ok() || end < chain.steps.len() || is_duplicate(&made), "{part:?}: {made:?}");
        }
        let shown =
            policy.ask("user:admin", 0, "getAccess", json!({"path": chain.path(), "emulateRestoreInheritance": "1"}));
        let shown = shown.unwrap_or_else(|error| panic!("{chain:?}: {error}"));
        let types: Vec<&str> =
            shown["object"].as_array().unwrap().iter().map(|object| object["objectType"].as_str().unwrap()).collect();
        let expected: Vec<&str> = chain.steps.iter().rev().map(|(kind, _)| *kind).collect();
        let shared = types.len().min(expected.len());
        assert_eq!(types[..shared], expected[..shared], "{chain:?}");
        let listed = policy.ask("user:admin", 0, "getObjects", json!({"recursive": "1", "objectType": expected[0]}));
        let listed = listed.unwrap();
        let is_listed = listed["object"].as_array().unwrap().iter().any(|object| object["path"] == chain.path());
        assert!(is_listed, "{} is not among {listed}", chain.path());
    }
}

fn is_duplicate(made: &Result<Value, Value>) -> bool {
    made.as_ref().is_err_and(|error| error["code"].as_str().unwrap().starts_with("Duplicate"))
}

#[test]
fn a_missing_outer_level_is_refused_for_every_type_that_needs_one() {
    let mut policy = Policy::new();
    for (kind, locator, _, parents) in TABLE {
        let refused = policy.ask("user:admin", 0, "explain", json!({"privilege": "read", *locator: "POST"}));
        let stands_alone = parents.iter().any(|parent| parent.starts_with('@'));
        match refused {
            Ok(_) => assert!(stands_alone, "{kind}"),
            Err(error) => {
                assert_eq!((error["code"].as_str(), stands_alone), (Some("MissingArgument"), false), "{kind}")
            }
        }
    }
}

#[test]
fn a_name_that_begins_with_a_slash_has_no_locators() {
    let schema = Schema::cdro();
    let address = Address::parse(&schema, "/projects/%2Fetc").unwrap();
    assert_eq!(address.locators(&schema).unwrap_err().code(), "InvalidArgument");
}
