#include "webhook/guard/request/run.hpp"

#include <gmock/gmock.h>

#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

struct RunGuard : testing::Test {
  ClusterFixture world;

  RunGuard() {
    world.add(identity());
    json object = grant();
    object["spec"]["workload"]["name"] = "another";
    world.add(object);
  }

  static json deployment(const char* account) {
    json pod = plainPod()["spec"];
    pod["serviceAccountName"] = pod["serviceAccount"] = account;
    return {{"apiVersion", "apps/v1"},
            {"kind", "Deployment"},
            {"metadata", {{"name", "serve"}, {"namespace", "agents"}}},
            {"spec", {{"template", {{"metadata", {{"labels", {{"app", "triage-bot"}}}}}, {"spec", pod}}}}}};
  }
  static json job(const char* label = nullptr) {
    json out = deployment("default");
    out["apiVersion"] = "batch/v1";
    out["kind"] = "Job";
    out["metadata"]["name"] = "look";
    if (label != nullptr) out["spec"]["template"]["metadata"]["labels"]["errand.dev/task-grant"] = label;
    return out;
  }
  // A kind that holds the template of its pods where `path` says.
  static json holding(const char* apiVersion, const char* kind, const char* path) {
    const json serve = deployment("errand-a.triage-bot.planner");
    json out = {{"apiVersion", apiVersion}, {"kind", kind}, {"metadata", serve["metadata"]}};
    out[json::json_pointer(path)] = serve["spec"]["template"];
    return out;
  }
  // A live grant that names the workload.
  void names(const char* kind, const char* name, bool active = false) {
    json object = active ? activeGrant() : grant();
    object["spec"]["workload"] = {{"kind", kind}, {"name", name}};
    world.add(api::decode<api::TaskGrant>(object).value());
  }
  Reply write(const json& object, std::string_view user = "dave", const json& old = nullptr) const {
    json body = json::parse(objectAdmission(object, user));
    if (!old.is_null()) {
      body["request"]["operation"] = "UPDATE";
      body["request"]["oldObject"] = old;
    }
    return ask(Path::Validate, body.dump(), world);
  }
};

TEST_F(RunGuard, OtherWorkloadsAskForNothing) {
  EXPECT_TRUE(write(deployment("default")).allowed());
  EXPECT_TRUE(write(job()).allowed());
  EXPECT_THAT(world.asked(), IsEmpty());
}

TEST_F(RunGuard, PodsAsAnAgentNeedRunOnThatAgent) {
  EXPECT_TRUE(write(deployment("errand-a.triage-bot.planner")).allowed());
  EXPECT_THAT(world.asked(), ElementsAre("dave run agentidentities/triage-bot"));
  world.answer("run triage-bot", false);
  EXPECT_THAT(
      write(deployment("errand-a.triage-bot.planner")).message(),
      StartsWith("Deployment \"serve\": its pods run as \"errand-a.triage-bot.planner\": user \"dave\" may "
                 "not run agentidentities.errand.dev \"triage-bot\" in namespace \"agents\""));
}

TEST_F(RunGuard, PodsOfAGrantNeedRunOnItsAgent) {
  world.answer("run triage-bot", false);
  EXPECT_THAT(write(job("inc-1")).message(), HasSubstr("its pods are for TaskGrant \"inc-1\""));
  names("Job", "look");
  EXPECT_THAT(write(job()).message(), HasSubstr("TaskGrant \"inc-1\" names it"));
  EXPECT_TRUE(write(deployment("default")).allowed());
}

TEST_F(RunGuard, PodsOfAGrantThatIsToComeNeedRunOnAll) {
  world.answer("run ", false);
  EXPECT_THAT(
      write(job("later")).message(),
      HasSubstr("may not run agentidentities.errand.dev (of any name) in namespace \"agents\"; create the "
                "TaskGrant first"));
  world.answer("run ", true);
  EXPECT_TRUE(write(job("later")).allowed());
}

TEST_F(RunGuard, APodOfItsOwnIsAWorkload) {
  json pod = plainPod();
  pod["metadata"]["labels"]["app"] = "triage-bot";
  pod["spec"]["serviceAccountName"] = pod["spec"]["serviceAccount"] = "errand-a.triage-bot.planner";
  world.answer("run triage-bot", false);
  const auto create = [&](std::string_view user) { return ask(Path::Validate, admission(pod, user), world); };
  EXPECT_THAT(create("dave").message(), HasSubstr("Pod \"p\": its pods run as"));
  for (const char* kind :
       {"cronjob", "daemon-set", "deployment", "job", "replicaset", "replication", "statefulset"})
    EXPECT_TRUE(create("system:serviceaccount:kube-system:" + std::string(kind) + "-controller").allowed())
        << kind;
  EXPECT_TRUE(create("system:kube-controller-manager").allowed());
  for (const char* other :
       {"system:serviceaccount:kube-systems:replicaset-controller",
        "system:serviceaccount:kube-system:default", "system:serviceaccount:kube-system:helm-controller",
        "system:serviceaccount:kube-system:", "job-controller"})
    EXPECT_FALSE(create(other).allowed()) << other;
}

TEST_F(RunGuard, AnotherTemplateNeedsRunAndNothingElseDoes) {
  const json before = deployment("errand-a.triage-bot.planner");
  json after = before;
  after["spec"]["replicas"] = 3;
  EXPECT_TRUE(write(after, "dave", before).allowed());
  EXPECT_THAT(world.asked(), IsEmpty());
  after["spec"]["template"]["spec"]["containers"][0]["image"] = "other:1";
  EXPECT_TRUE(write(after, "dave", before).allowed());
  EXPECT_THAT(world.asked(), ElementsAre("dave run agentidentities/triage-bot"));
}

// The guard finds the template wherever a kind keeps it, also in kinds that this version does not know.
TEST_F(RunGuard, AnotherTemplateOfAnyKindNeedsRun) {
  world.answer("run triage-bot", false);
  const std::tuple<const char*, const char*, const char*> kinds[] = {
      {"apps/v1", "DaemonSet", "/spec/template"},
      {"apps/v1", "Deployment", "/spec/template"},
      {"apps/v1", "ReplicaSet", "/spec/template"},
      {"apps/v1", "StatefulSet", "/spec/template"},
      {"batch/v1", "Job", "/spec/template"},
      {"batch/v1", "CronJob", "/spec/jobTemplate/spec/template"},
      {"v1", "ReplicationController", "/spec/template"},
      {"v1", "PodTemplate", "/template"},
      {"example.com/v1", "Runner", "/spec/template"},
  };
  for (const auto& [apiVersion, kind, path] : kinds) {
    const json after = holding(apiVersion, kind, path);
    json before = after;
    before[json::json_pointer(path)]["spec"]["serviceAccountName"] = "default";
    EXPECT_THAT(write(after, "dave", before).message(), HasSubstr("may not run agentidentities.errand.dev"))
        << kind;
    before[json::json_pointer(path)] = "hidden";
    EXPECT_FALSE(write(after, "dave", before).allowed()) << kind << ": what it was cannot be read";
    before = after;
    before["spec"]["schedule"] = "0 * * * *";
    EXPECT_TRUE(write(after, "dave", before).allowed()) << kind;
  }
}

TEST_F(RunGuard, WhileAGrantIsActiveTheTemplateStays) {
  const json before = deployment("errand-a.triage-bot.planner");
  json after = before;
  after["spec"]["template"]["spec"]["containers"][0]["image"] = "other:1";
  names("Deployment", "serve");
  EXPECT_TRUE(write(after, "dave", before).allowed());
  names("Deployment", "serve", true);
  const Reply reply = write(after, "dave", before);
  EXPECT_THAT(reply.message(),
              StartsWith("[SC111] Deployment \"serve\": the template of its pods cannot change "
                         "while TaskGrant \"inc-1\" is Active. Fix: "));
  EXPECT_THAT(reply.outcome.ruleIds, ElementsAre("SC111"));
  after = before;
  after["spec"]["replicas"] = 3;
  EXPECT_TRUE(write(after, "dave", before).allowed());
}

}  // namespace
}  // namespace errand::webhook
