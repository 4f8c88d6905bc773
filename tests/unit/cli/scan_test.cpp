#include <gmock/gmock.h>

#include "cli/findings/print.hpp"
#include "cli/scan/scan.hpp"

namespace errand::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr const char* kDeployment = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: app
        env:
        - name: PGPASSWORD
          value: hunter2
)";

std::vector<std::string> places(const Report& report) {
  std::vector<std::string> out;
  for (const Located& found : report.findings)
    out.push_back(found.file + ":" + std::to_string(found.line) + " " + std::string(found.finding.rule));
  return out;
}

TEST(Scan, FindsTheLineInAWorkloadOfALaterDocument) {
  const Report report =
      scan({{"a.yaml", "# Source: chart\n---\nkind: x\n---\n" + std::string(kDeployment)}}, {});
  EXPECT_THAT(places(report), ElementsAre("a.yaml:14 SC109"));
  EXPECT_EQ(report.findings[0].object(), "Deployment default/web");
  EXPECT_EQ(exitCode(report, rules::Severity::High), 1);
  EXPECT_EQ(exitCode(report, rules::Severity::Critical), 0) << "below the level";
}

TEST(Scan, NoFormatShowsTheValue) {
  const Report report = scan({{"a.yaml", kDeployment}}, {});
  ASSERT_EQ(report.findings.size(), 1u);
  for (const OutputFormat& format : outputFormats()) {
    EXPECT_THAT(format.print(report), HasSubstr("7 characters")) << format.name;
    EXPECT_THAT(format.print(report), Not(HasSubstr("hunter2"))) << format.name;
  }
}

TEST(Scan, LooksIntoLists) {
  const Report report =
      scan({{"l.yaml",
             "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n"
             "  spec:\n    hostPID: true\n    containers: []\n"}},
           {});
  EXPECT_THAT(places(report), ElementsAre("l.yaml:8 SC202"));
}

// kubectl asks each item for its type, and not the list.
TEST(Scan, LooksIntoListsWithoutAVersion) {
  const std::string pod =
      "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {hostPID: true, containers: []}}";
  EXPECT_THAT(places(scan({{"l.yaml", "kind: List\nitems:\n- " + pod}}, {})), ElementsAre("l.yaml:3 SC202"));
  EXPECT_THAT(places(scan({{"l.yaml", "kind: Fleet\nitems:\n- " + pod}}, {})), ElementsAre("l.yaml:3 SC202"));
  const Report bare = scan({{"l.yaml", "kind: PodList\nitems:\n- {metadata: {name: p}}\n"}}, {});
  ASSERT_EQ(bare.broken.size(), 1u);
  EXPECT_EQ(bare.broken[0].message, "an item of the list has no apiVersion");
  EXPECT_EQ(scan({{"l.yaml", "kind: Fleet\nitems: 5\n"}}, {}).passed.size(), 1u);
}

TEST(Scan, TakesTheItemsOfAnObjectForObjectsOfItsKind) {
  const std::string pod =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: decoy}\nspec: {containers: []}\nitems:\n";
  const Report report =
      scan({{"p.yaml", pod + "- {metadata: {name: p}, spec: {hostPID: true, containers: []}}\n- 5\n"
                             "- {kind: Pod, metadata: {name: q}, spec: {hostPID: true, containers: []}}\n"}},
           {});
  EXPECT_THAT(places(report), IsSupersetOf({"p.yaml:6 SC202", "p.yaml:8 SC202"}));
  EXPECT_EQ(report.objects, 3u);
  EXPECT_THAT(report.broken, IsEmpty());
}

TEST(Scan, NamesAListThatHoldsItself) {
  const Report report = scan({{"l.yaml", "&a {kind: List, apiVersion: v1, items: [*a]}\n"}}, {});
  ASSERT_EQ(report.broken.size(), 1u);
  EXPECT_THAT(report.broken[0].message, HasSubstr("nested deeper than 100"));
  EXPECT_EQ(exitCode(report, rules::Severity::High), 2);
}

TEST(Scan, NamesListsThatAliasesMultiply) {
  std::string text = "a0: &a0 {kind: List, apiVersion: v1, items: []}\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {kind: List, apiVersion: v1, items: [" +
            before + ", " + before + ", " + before + "]}\n";
  }
  text += "kind: List\napiVersion: v1\nitems: [*a29]\n";
  const Report report = scan({{"l.yaml", text}}, {});
  ASSERT_EQ(report.broken.size(), 1u);
  EXPECT_THAT(report.broken[0].message, HasSubstr("more than 100000 items"));
}

TEST(Scan, AnItemWhoseKindIsNullHasTheKindOfItsList) {
  const Report report =
      scan({{"l.yaml",
             "kind: PodList\napiVersion: v1\nitems:\n- kind: null\n"
             "  metadata: {name: p, labels: {a: $x}}\n  spec: {hostPID: true, containers: []}\n"}},
           {});
  EXPECT_THAT(places(report), ElementsAre("l.yaml:6 SC202"));
}

TEST(Scan, KnowsTheAudiencesThatItIsTold) {
  const Input pod{"p.yaml", R"(apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  automountServiceAccountToken: false
  volumes:
  - {name: t, projected: {sources: [{serviceAccountToken: {path: t, audience: "https://oidc.example.com/id"}}]}}
  containers: []
)"};
  EXPECT_THAT(places(scan({pod}, {})), IsEmpty());
  EXPECT_THAT(places(scan({pod}, {.rules = {.apiAudiences = {"other", "https://oidc.example.com/id"}}})),
              ElementsAre("p.yaml:7 SC102", "p.yaml:7 SC103"));
}

Input identityWith(const std::string& access) {
  return {"i.yaml",
          "apiVersion: errand.dev/v1alpha1\nkind: AgentIdentity\nmetadata: {name: bot}\nspec:\n  owner: o\n"
          "  toolClasses:\n  - name: fixer\n    risk: Low\n    maxDuration: 1h\n    access:\n      " +
              access + "\n"};
}

Input roleOf(const std::string& kind, const std::string& name, const std::string& rule) {
  return {"r.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: " + kind + "\nmetadata: {name: " + name +
                        "}\nrules:\n- " + rule + "\n"};
}

TEST(Scan, KnowsWhatTheBuiltInClusterRolesAllow) {
  const auto rules = [](const std::string& access) { return places(scan({identityWith(access)}, {})); };
  EXPECT_THAT(rules("clusterRoles: [{name: view}, {name: edit}]"), ElementsAre("i.yaml:11 SC302"));
  EXPECT_THAT(rules("clusterRoles: [{name: edit, dangerous: Accepted}]"), IsEmpty());
  EXPECT_THAT(rules("roles: [{name: edit}]"), IsEmpty()) << "a Role of that name is anybody's";
  const Input own = roleOf("ClusterRole", "edit", "{apiGroups: [''], resources: [pods], verbs: [get]}");
  EXPECT_THAT(places(scan({identityWith("clusterRoles: [{name: edit}]"), own}, {})), IsEmpty());
}

TEST(Scan, KnowsThatTheBuiltInClusterRolesWatch) {
  const auto rules = [](const std::string& slot, const std::string& name) {
    return places(
        scan({identityWith("clusterRoles: [{name: " + name + ", dangerous: Accepted}]" + slot)}, {}));
  };
  const std::string slot = "\n    slot: {secretName: errand-bot-fixer}";
  EXPECT_THAT(rules(slot, "view"), ElementsAre("i.yaml:11 SC305"));
  EXPECT_THAT(rules(slot, "cluster-admin"), ElementsAre("i.yaml:11 SC305"));
  EXPECT_THAT(rules(slot, "reader"), IsEmpty());
  EXPECT_THAT(rules("", "view"), IsEmpty()) << "a pod of its own ends with the task";
}

TEST(Scan, TakesADangerousRoleWhereEachToolClassAcceptsIt) {
  const Input role =
      roleOf("Role", "restarter", "{apiGroups: [apps], resources: [deployments], verbs: [patch]}");
  const auto with = [&](const std::string& entry) {
    return places(scan({identityWith("roles: [{name: restarter" + entry + "}]"), role}, {}));
  };
  EXPECT_THAT(with(""), ElementsAre("r.yaml:5 SC302"));
  EXPECT_THAT(with(", dangerous: Refused"), ElementsAre("r.yaml:5 SC302"));
  EXPECT_THAT(with(", dangerous: Accepted"), IsEmpty());
}

TEST(Scan, ReportsWhoHasAnyRoleThatReachesWhatAgentsHold) {
  const auto bound = [](const std::string& kind, const std::string& name, const std::string& subject) {
    return Input{"b.yaml",
                 "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\n"
                 "roleRef: {kind: " +
                     kind + ", name: " + name + "}\nsubjects:\n- " + subject + "\n"};
  };
  const std::string alice = "{kind: User, name: alice}",
                    secrets = "{apiGroups: [''], resources: [secrets], verbs: [list]}";
  const Report report = scan({bound("Role", "own", alice), roleOf("Role", "own", secrets)}, {});
  ASSERT_THAT(places(report), ElementsAre("b.yaml:6 SC304"));
  EXPECT_THAT(report.findings[0].finding.text,
              HasSubstr("gives \"alice\" the Role \"own\", which reads Secrets"));
  EXPECT_THAT(places(scan({bound("ClusterRole", "own", alice), roleOf("Role", "own", secrets)}, {})),
              IsEmpty());
  const Input exec =
      roleOf("ClusterRole", "shell", "{apiGroups: [''], resources: [pods/exec], verbs: [create]}");
  EXPECT_THAT(places(scan({bound("ClusterRole", "shell", alice), exec}, {})), ElementsAre("b.yaml:6 SC304"));
  const Input reads = roleOf("ClusterRole", "edit", "{apiGroups: [''], resources: [pods], verbs: [get]}");
  EXPECT_THAT(places(scan({bound("ClusterRole", "edit", alice), reads}, {})), IsEmpty())
      << "the files say what it allows";
  const Input ours = roleOf("ClusterRole", "errand-operator-namespace", secrets);
  EXPECT_THAT(places(scan({bound("ClusterRole", "errand-operator-namespace",
                                 "{kind: ServiceAccount, name: errand-operator, namespace: errand-system}"),
                           ours},
                          {})),
              IsEmpty());
  EXPECT_THAT(places(scan({bound("ClusterRole", "errand-operator-namespace", alice), ours}, {})),
              ElementsAre("b.yaml:6 SC304"));
}

// In a cluster, the policy errand-group-bindings rejects it.
TEST(Scan, FindsABindingToTheAgentsOfAnotherNamespace) {
  const auto binding = [](const std::string& subject) {
    return Input{"b.yaml",
                 "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\n"
                 "metadata: {name: b, namespace: web}\nroleRef: {kind: Role, name: reader}\n"
                 "subjects:\n- " +
                     subject + "\n"};
  };
  const Input agent{"i.yaml",
                    "apiVersion: errand.dev/v1alpha1\nkind: AgentIdentity\n"
                    "metadata: {name: bot, namespace: agents}\n"
                    "spec: {owner: o, podSelector: {matchLabels: {app: bot}}, toolClasses: []}\n"};
  const auto ns = [](const std::string& label) {
    return Input{"n.yaml",
                 "apiVersion: v1\nkind: Namespace\nmetadata: {name: agents, labels: {" + label + "}}\n"};
  };
  for (const std::string subject :
       {"{kind: ServiceAccount, name: errand-a.bot.fixer, namespace: agents}",
        "{kind: ServiceAccount, name: errand-g.0123456789abcdef0123, namespace: agents}",
        "{kind: User, name: 'system:serviceaccount:agents:errand-a.bot.fixer'}",
        "{kind: Group, name: 'system:serviceaccounts:agents'}"}) {
    const Input bound = binding(subject);
    EXPECT_THAT(places(scan({bound, agent}, {})), ElementsAre("b.yaml:6 SC301")) << subject;
    EXPECT_THAT(places(scan({bound, ns("errand.dev/enforce: warn")}, {})), ElementsAre("b.yaml:6 SC301"));
    EXPECT_THAT(places(scan({bound, ns("app: x"), agent}, {})), IsEmpty()) << "takes no part";
    EXPECT_THAT(places(scan({bound}, {})), IsEmpty()) << "nothing is known of it";
  }
  const Input other = binding("{kind: ServiceAccount, name: web, namespace: agents}");
  EXPECT_THAT(places(scan({other, agent}, {})), IsEmpty());
}

TEST(Scan, TakesIdentitiesFromOtherFiles) {
  const std::string identity = R"(apiVersion: errand.dev/v1alpha1
kind: AgentIdentity
metadata: {name: bot}
spec:
  owner: sre@example.com
  podSelector: {matchLabels: {app: bot}}
  toolClasses: [{name: planner, risk: Low, maxDuration: 1h, slot: {secretName: errand-bot}}]
)";
  const std::string pod = R"(apiVersion: v1
kind: Pod
metadata: {name: p, labels: {app: LABEL}}
spec:
  serviceAccountName: errand-a.bot.planner
  volumes: [{name: slot, secret: {secretName: errand-bot}}]
  containers: [{name: a}]
)";
  const auto labelled = [&](const std::string& label) {
    return std::string(pod).replace(pod.find("LABEL"), 5, label);
  };
  EXPECT_THAT(places(scan({{"p", labelled("bot")}, {"i", identity}}, {})), IsEmpty());
  EXPECT_THAT(places(scan({{"p", labelled("web")}, {"i", identity}}, {})),
              ElementsAre("p:5 SC104", "p:6 SC106"));
  EXPECT_THAT(places(scan({{"p", labelled("web")}}, {})), IsEmpty()) << "the identity may be elsewhere";
}

TEST(Scan, GoesOnBehindWhatIsBroken) {
  const Report report = scan({{"b.yaml", "a: [1\n---\n" + std::string(kDeployment)}, {"c.yaml", "x: {"}}, {});
  EXPECT_THAT(places(report), ElementsAre("b.yaml:12 SC109"));
  ASSERT_EQ(report.broken.size(), 2u);
  EXPECT_EQ(report.broken[0].what, "b.yaml");
  EXPECT_EQ(report.broken[1].what, "c.yaml");
  EXPECT_GE(report.broken[0].line, 1);
  EXPECT_EQ(exitCode(report, rules::Severity::Medium), 2);
}

// Bytes that are not UTF-8 text must never pass the scan and never crash it.
TEST(Scan, NamesTheLineOfWhatIsNoText) {
  std::string wide;
  for (const char c : std::string(kDeployment)) wide += {c, '\0'};
  const std::pair<const char*, std::string> cases[] = {
      {"utf16", "\xff\xfe" + wide},     {"latin1", "a: b\nc: caf\xe9\n"}, {"overlong", "a: \xc0\xaf"},
      {"surrogate", "a: \xed\xa0\x80"}, {"cut", "a: \xe2\x82"},           {"beyond", "a: \xf4\x90\x80\x80"},
      {"nul", std::string("a: \0", 4)}};
  for (const auto& [name, bytes] : cases) {
    const Report report = scan({{name, bytes}}, {});
    ASSERT_EQ(report.broken.size(), 1u) << name;
    EXPECT_THAT(report.broken[0].message, HasSubstr("not UTF-8 text"));
    EXPECT_EQ(report.broken[0].line, std::string_view(name) == "latin1" ? 2 : 1) << name;
    EXPECT_EQ(exitCode(report, rules::Severity::Critical), 2);
  }
  EXPECT_THAT(
      scan({{"text", "a: caf\xc3\xa9 \xe2\x82\xac \xed\x9f\xbf \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf"}}, {})
          .broken,
      IsEmpty());
}

TEST(Scan, RefusesWhatIsNestedTooDeep) {
  const std::string flow = "a: " + std::string(100000, '[') + std::string(100000, ']');
  std::string block;
  for (int i = 0; i < 5000; ++i) block += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  for (const std::string& text : {flow, block}) {
    const Report report = scan({{"deep", text + "\n---\n" + kDeployment}}, {});
    ASSERT_EQ(report.broken.size(), 1u);
    EXPECT_EQ(report.broken[0].message, "nested deeper than 100");
    EXPECT_EQ(report.findings.size(), 1u) << "and goes on with the next document";
  }
}

TEST(Scan, SaysHowFarItIs) {
  std::vector<std::string> said;
  ScanOptions options;
  options.progress = [&](size_t done, size_t all, std::string_view what) {
    said.push_back(std::to_string(done) + "/" + std::to_string(all) + " " + std::string(what));
  };
  scan({{"a", kDeployment}, {"b", "x: 1\n"}}, options);
  EXPECT_THAT(said, ElementsAre("0/2 files", "1/2 files", "0/1 objects"));
}

TEST(Scan, HonoursExemptionsAmongItsInputs) {
  const auto exemption = [](const std::string& expires, const std::string& more = "") {
    return "apiVersion: errand.dev/v1alpha1\nkind: Exemption\nmetadata: {name: ex" + more +
           "}\nspec:\n  owner: a\n  reason: b\n  rules: [{name: SC109}]\n"
           "  objects: [{kind: Deployment, name: web}]\n  expiresAt: \"" +
           expires + "\"\n";
  };
  const ScanOptions options{.ns = "default", .now = parseTime("2026-12-01T00:00:00Z").value()};
  const Report exempt = scan({{"d", kDeployment}, {"e", exemption("2026-12-02T00:00:00Z")}}, options);
  EXPECT_THAT(exempt.findings, IsEmpty());
  EXPECT_EQ(exempt.exempted, 1u);
  EXPECT_EQ(exitCode(exempt, rules::Severity::Medium), 0);
  EXPECT_THAT(asText(exempt), HasSubstr(", 1 exempt"));
  for (const auto& [expires, more] :
       {std::pair("2026-12-01T00:00:00Z", ""),
        {"2027-03-02T00:00:00Z", ""},
        {"2026-12-02T00:00:00Z", ", namespace: elsewhere"},
        {"2027-03-01T00:00:01Z", ", creationTimestamp: \"2026-12-31T00:00:00Z\""}})
    EXPECT_EQ(scan({{"d", kDeployment}, {"e", exemption(expires, more)}}, options).findings.size(), 1u)
        << expires << more;
}

TEST(Scan, FindsWhatCannotBeRead) {
  const Report report =
      scan({{"t.yaml",
             "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n"
             "    env: {A: b}\n"}},
           {});
  EXPECT_THAT(places(report), ElementsAre("t.yaml:7 SC190"));
  EXPECT_THAT(report.findings[0].finding.text, HasSubstr("spec.containers[0].env is not a list"));
}

TEST(Scan, AMissingFieldHidesNoOther) {
  const auto rules = [](const std::string& text) { return places(scan({{"p", text}}, {})); };
  const std::string spec = "spec: {hostPID: true, containers: []}\n";
  EXPECT_THAT(rules("apiVersion: v1\nkind: Pod\n" + spec), ElementsAre("p:1 SC190", "p:3 SC202"));
  EXPECT_THAT(rules("apiVersion: v1\nkind: Pod\nmetadata:\n" + spec), ElementsAre("p:1 SC190", "p:4 SC202"));
  EXPECT_THAT(rules("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"), ElementsAre("p:1 SC190"));
}

TEST(Scan, ManyUnreadableFieldsHideNoOther) {
  std::string text =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostPID: true\n  containers:\n";
  for (int i = 0; i < 100; ++i) text += "  - {name: c" + std::to_string(i) + ", env: 5}\n";
  const Report report = scan({{"p", text}}, {});
  EXPECT_EQ(report.findings.size(), 101u);
  EXPECT_EQ(places(report).front(), "p:5 SC202");
}

TEST(Scan, PassesOverWhatIsNoObject) {
  const Report report =
      scan({{"values.yaml", "image: {tag: 1}\n"}, {"list.json", "[1, 2]"}, {"empty.yaml", ""}}, {});
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(report.broken, IsEmpty());
  EXPECT_EQ(exitCode(report, rules::Severity::Medium), 0);
}

TEST(Scan, KnowsTheTemplatesOfKindsThatItDoesNotKnow) {
  std::string rollout = kDeployment;
  rollout.replace(0, rollout.find('\n'), "apiVersion: argoproj.io/v1alpha1");
  rollout.replace(rollout.find("Deployment"), 10, "Rollout");
  EXPECT_THAT(places(scan({{"r", rollout}}, {})), ElementsAre("r:10 SC109"));
}

}  // namespace
}  // namespace errand::cli
