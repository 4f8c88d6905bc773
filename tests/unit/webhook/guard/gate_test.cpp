#include "webhook/guard/gate.hpp"

#include <gmock/gmock.h>

#include "tests/unit/rules/literals/sample.hpp"
#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

using ::testing::HasSubstr;

// As stored while its grant waits.
json waitingPod() {
  json pod = plainPod();
  pod["metadata"]["labels"] = {{"app", "triage-bot"}, {"errand.dev/task-grant", "inc-1"}};
  pod["spec"]["serviceAccountName"] = pod["spec"]["serviceAccount"] = api::grantAccountName(kGrantUid);
  pod["spec"]["schedulingGates"] = {{{"name", "example.com/quota"}}, {{"name", "errand.dev/grant"}}};
  pod["spec"]["initContainers"] = {{{"name", "setup"}, {"image", "setup:1"}}};
  return pod;
}

Reply update(const json& pod, const json& old, std::string_view user = "alice", Path path = Path::Validate) {
  return ask(path, admission(pod, user, "UPDATE", "", old), ClusterFixture());
}

json withoutGate(json pod, size_t index) {
  pod["spec"]["schedulingGates"].erase(index);
  return pod;
}

TEST(Gate, IsTakenAwayByTheOperatorAlone) {
  const json open = withoutGate(waitingPod(), 1);
  for (const std::string_view user :
       {"alice", "", "system:admin", "system:node:n1", "system:serviceaccount:agents:errand-operator",
        "system:serviceaccount:errand-system:errand-webhook"}) {
    const Reply reply = update(open, waitingPod(), user);
    EXPECT_FALSE(reply.allowed()) << user;
    EXPECT_THAT(reply.message(),
                HasSubstr("the scheduling gate errand.dev/grant is taken away by the operator alone, once "
                          "TaskGrant \"inc-1\" is Active"));
  }
  EXPECT_TRUE(update(open, waitingPod(), kOperator).allowed());
}

TEST(Gate, ImagesStayWithTheContainersThatHaveThem) {
  json old = waitingPod();
  old["spec"]["containers"].push_back({{"name", "second"}, {"image", "second:1"}});
  json exchanged = old;
  exchanged["spec"]["containers"][0]["image"] = "second:1";
  exchanged["spec"]["containers"][1]["image"] = "app:1";
  EXPECT_FALSE(update(exchanged, old).allowed());
  json moved = old;
  moved["spec"]["containers"].push_back(moved["spec"]["initContainers"][0]);
  moved["spec"].erase("initContainers");
  EXPECT_FALSE(update(moved, old).allowed());
}

TEST(Gate, IsGuardedHoweverThePodLosesIt) {
  json none = waitingPod();
  none["spec"].erase("schedulingGates");
  json renamed = waitingPod();
  renamed["spec"]["schedulingGates"][1]["name"] = "errand.dev/Grant";
  json relabelled = withoutGate(waitingPod(), 1);
  relabelled["metadata"].erase("labels");
  for (const json& pod : {none, renamed, relabelled}) EXPECT_FALSE(update(pod, waitingPod()).allowed());

  json old = waitingPod();
  old["metadata"].erase("labels");
  EXPECT_THAT(update(none, old).message(), HasSubstr("once its TaskGrant is Active"));
}

TEST(Gate, LeavesOtherUpdatesAlone) {
  json labelled = waitingPod();
  labelled["metadata"]["labels"]["more"] = "x";
  EXPECT_TRUE(update(labelled, waitingPod()).allowed());
  EXPECT_TRUE(update(withoutGate(waitingPod(), 0), waitingPod()).allowed());

  EXPECT_TRUE(update(withoutGate(waitingPod(), 1), waitingPod(), "alice", Path::Mutate).allowed())
      << "the mutating half judges creations only";
}

TEST(Gate, ImagesOfAGrantsPodStay) {
  for (const char* list : {"containers", "initContainers"}) {
    json pod = waitingPod();
    pod["spec"][list][0]["image"] = "evil:1";
    for (const std::string_view user : {std::string_view("alice"), kOperator}) {
      const Reply reply = update(pod, waitingPod(), user);
      EXPECT_FALSE(reply.allowed()) << list << " " << user;
      EXPECT_THAT(reply.message(),
                  HasSubstr("the image of a pod that runs with a TaskGrant cannot be changed"));
    }
  }
  json running = withoutGate(waitingPod(), 1);
  json pod = running;
  pod["spec"]["containers"][0]["image"] = "evil:1";
  EXPECT_THAT(update(pod, running).message(), HasSubstr("container \"app\""));
  EXPECT_TRUE(update(running, running).allowed());
}

TEST(Gate, AnOlderFieldNamesTheAccountAsWell) {
  json old = waitingPod();
  old["spec"].erase("serviceAccountName");
  json pod = old;
  pod["spec"]["containers"][0]["image"] = "evil:1";
  EXPECT_FALSE(update(pod, old).allowed());
}

TEST(Gate, ImagesOfOtherPodsMayChange) {
  json pod = plainPod();
  pod["spec"]["containers"][0]["image"] = "app:2";
  EXPECT_TRUE(update(pod, plainPod()).allowed());
}

// SC108 on what an update writes into an agent's pod.
json agentsPod() {
  json pod = plainPod();
  pod["metadata"]["annotations"] = {{"note", "old"}};
  pod["spec"]["serviceAccountName"] = pod["spec"]["serviceAccount"] = "errand-a.triage-bot.planner";
  return pod;
}

const std::string kKey = expand("AKIA<b32*16>");

TEST(AddedText, IsJudged) {
  for (const char* map : {"annotations", "labels"})
    for (const char* subResource : {"", "status"}) {
      json pod = agentsPod();
      pod["metadata"][map]["note"] = kKey;
      const Reply reply =
          ask(Path::Validate, admission(pod, "alice", "UPDATE", subResource, agentsPod()), ClusterFixture());
      EXPECT_FALSE(reply.allowed()) << map << subResource;
      EXPECT_THAT(reply.message(), HasSubstr("[SC108]")) << map;
      EXPECT_THAT(reply.message(), HasSubstr("\"note\" holds a literal access key id")) << map;
    }
  json gated = waitingPod();
  gated["metadata"]["annotations"] = {{kKey, ""}};
  EXPECT_FALSE(update(gated, waitingPod()).allowed()) << "a key of the map";
  json tolerant = agentsPod();
  tolerant["spec"]["tolerations"] = {{{"key", "a"}, {"value", kKey}}};
  EXPECT_THAT(update(tolerant, agentsPod()).message(), HasSubstr("spec.tolerations[0].value holds"));
  json renamed = agentsPod();
  renamed["spec"]["containers"][0]["args"] = {kKey};
  EXPECT_THAT(update(renamed, agentsPod()).message(), HasSubstr("args[0] holds"));
}

TEST(AddedText, ThatStoodThereBeforeRefusesNothing) {
  json old = agentsPod();
  old["metadata"]["annotations"]["key"] = kKey;
  old["metadata"]["labels"]["key"] = kKey;
  old["metadata"]["finalizers"] = {"example.com/f", "example.com/" + kKey};
  old["spec"]["containers"][0]["args"] = {kKey};
  old["spec"]["containers"][0]["env"] = {{{"name", "A"}, {"value", kKey}}};
  json pod = old;
  pod["metadata"].erase("finalizers");
  pod["metadata"]["labels"]["app"] = "other";
  pod["metadata"]["annotations"].erase("note");
  pod["spec"]["tolerations"] = {{{"key", "a"}}};
  pod["status"]["phase"] = "Failed";
  EXPECT_TRUE(update(pod, old).allowed()) << update(pod, old).message();
  pod["metadata"]["annotations"]["key"] = "was " + kKey;
  EXPECT_FALSE(update(pod, old).allowed()) << "written anew";
  pod["metadata"]["annotations"] = {{"key2", kKey}};
  EXPECT_FALSE(update(pod, old).allowed()) << "by another name";
}

TEST(AddedText, IsForTheModeAndAnExemptionToForgive) {
  json pod = agentsPod();
  pod["metadata"]["namespace"] = "warn";
  pod["metadata"]["annotations"]["note"] = kKey;
  const Reply warned = update(pod, agentsPod());
  EXPECT_TRUE(warned.allowed());
  EXPECT_EQ(warned.response["warnings"].size(), 1u);
  ClusterFixture world;
  world.add(json::parse(R"({"apiVersion": "errand.dev/v1alpha1", "kind": "Exemption",
"metadata": {"name": "e", "namespace": "agents", "creationTimestamp": "2026-11-20T00:00:00Z"},
    "spec": {"rules": [{"name": "SC108"}], "reason": "r", "owner": "o", "expiresAt": "2026-12-01T00:00:00Z", "objects": [{"kind": "Pod", "name": "p"}]}})"));
  pod["metadata"]["namespace"] = "agents";
  EXPECT_TRUE(ask(Path::Validate, admission(pod, "alice", "UPDATE", "", agentsPod()), world).allowed());
}

TEST(AddedText, OfOtherPodsWaitsForNobody) {
  json pod = plainPod();
  pod["metadata"]["annotations"] = {{"note", kKey}};
  EXPECT_TRUE(update(pod, plainPod()).allowed());
}

TEST(AddedText, ComesByABindingToo) {
  json binding = {{"apiVersion", "v1"},
                  {"kind", "Binding"},
                  {"metadata", {{"name", "p"}, {"namespace", "agents"}, {"annotations", {{"note", "fine"}}}}},
                  {"target", {{"kind", "Node"}, {"name", "n"}}}};
  const auto ask = [&] {
    return webhook::ask(Path::Validate, admission(binding, "alice", "CREATE", "binding"), ClusterFixture());
  };
  EXPECT_TRUE(ask().allowed());
  binding["metadata"]["annotations"]["note"] = kKey;
  EXPECT_THAT(ask().message(), HasSubstr("Binding \"p\": annotation \"note\" holds"));
}

TEST(Gate, WhatCannotBeReadIsRefused) {
  json broken = waitingPod();
  broken["spec"]["schedulingGates"] = "none";
  EXPECT_THAT(update(broken, waitingPod(), kOperator).message(),
              HasSubstr("request.object.spec.schedulingGates is not a list"));
  EXPECT_THAT(update(waitingPod(), broken).message(),
              HasSubstr("request.oldObject.spec.schedulingGates is not a list"));
  EXPECT_THAT(update(waitingPod(), nullptr).message(), HasSubstr("request.oldObject is missing"));
  EXPECT_THAT(update(nullptr, waitingPod()).message(), HasSubstr("request.object is missing"));
}

}  // namespace
}  // namespace errand::webhook
