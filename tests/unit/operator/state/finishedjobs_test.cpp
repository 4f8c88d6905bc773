#include "operator/state/finishedjobs.hpp"

#include <gtest/gtest.h>

namespace errand::state {
namespace {

struct FinishedJobsTest : testing::Test {
  kube::Store<api::Job> jobs;
  FinishedJobs finished;
  int version = 0;

  FinishedJobsTest() { finished.follow(jobs); }

  void put(const std::string& name, const std::string& uid, bool complete) {
    api::Job job;
    job.meta.ns = "agents";
    job.meta.name = name;
    job.meta.uid = uid;
    job.meta.resourceVersion = std::to_string(++version);
    job.complete = complete;
    jobs.apply("agents", std::make_shared<const api::Job>(job));
  }
  void erase(const std::string& name) { jobs.erase("agents", {"agents", name}, std::to_string(++version)); }
};

TEST_F(FinishedJobsTest, KeepsTheResultOfAJobThatIsGone) {
  put("a", "1", true);
  EXPECT_EQ(finished.find("1"), nullptr) << "it is still in the store";
  erase("a");
  ASSERT_NE(finished.find("1"), nullptr);
  EXPECT_TRUE(finished.find("1")->complete);
}

TEST_F(FinishedJobsTest, KeepsNoneThatRanWhenItWasDeleted) {
  put("a", "1", false);
  erase("a");
  EXPECT_EQ(finished.find("1"), nullptr);
}

TEST_F(FinishedJobsTest, KeepsOneThatAnotherReplaces) {
  put("a", "1", true);
  put("a", "2", false);
  EXPECT_NE(finished.find("1"), nullptr);
}

TEST_F(FinishedJobsTest, ForgetsTheOldest) {
  for (size_t i = 0; i <= FinishedJobs::kMost; ++i) {
    put("a", std::to_string(i), true);
    erase("a");
  }
  EXPECT_EQ(finished.find("0"), nullptr);
  EXPECT_NE(finished.find("1"), nullptr);
}

}  // namespace
}  // namespace errand::state
