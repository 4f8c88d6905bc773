#include "webhook/guard/gate.hpp"

#include <gmock/gmock.h>

#include "tests/unit/webhook/world.hpp"

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
  return ask(path, admission(pod, user, "UPDATE", "", old), World().views());
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

  json elsewhere = waitingPod();
  elsewhere["metadata"]["namespace"] = "free";
  EXPECT_TRUE(update(withoutGate(elsewhere, 1), elsewhere).allowed());
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
