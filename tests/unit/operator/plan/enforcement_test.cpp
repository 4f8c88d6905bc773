// Since when a namespace is enforced: written once, and again after each interruption.
#include "operator/plan/enforcement.hpp"

#include <gtest/gtest.h>

#include "core/api/codec.hpp"

namespace errand::plan {
namespace {

const Time kNow = *parseTime("2026-11-24T12:00:00Z");

api::PartialObject enrolled() {
  api::PartialObject ns;
  ns.meta.name = "agents";
  ns.meta.uid = "n-uid";
  ns.meta.resourceVersion = "7";
  ns.meta.labels.emplace(api::kEnforceLabel, "true");
  return ns;
}

TEST(Enforcement, CountsFromWhenEachApiServerHasHeardOfTheLabel) {
  const auto mark = planEnforcement(enrolled(), Seconds{5}, kNow + Millis{1});
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->since, kNow + Seconds{6}) << "a creationTimestamp has whole seconds, cut off";
  EXPECT_EQ(mark->uid, "n-uid");
  EXPECT_EQ(mark->version, "7");
}

TEST(Enforcement, IsWrittenOnce) {
  api::PartialObject ns = enrolled();
  ns.meta.annotations.emplace(api::kEnforcedSinceAnnotation, "2026-11-24T10:00:00Z");
  EXPECT_FALSE(planEnforcement(ns, Seconds{5}, kNow));
  ns.meta.annotations.insert_or_assign(std::string(api::kEnforcedSinceAnnotation), "yesterday");
  EXPECT_TRUE(planEnforcement(ns, Seconds{5}, kNow)) << "what cannot be read counts for nothing";
}

TEST(Enforcement, IsNoneWhereTheNamespaceTakesNoPartOrGoesAway) {
  for (const char* mode : {"warn", "audit", "", "false"}) {
    api::PartialObject ns = enrolled();
    ns.meta.labels.insert_or_assign(std::string(api::kEnforceLabel), mode);
    EXPECT_FALSE(planEnforcement(ns, Seconds{5}, kNow)) << mode;
  }
  api::PartialObject ns = enrolled();
  ns.meta.deletionTimestamp = kNow;
  EXPECT_FALSE(planEnforcement(ns, Seconds{5}, kNow));
}

}  // namespace
}  // namespace errand::plan
