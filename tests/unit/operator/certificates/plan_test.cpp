#include "operator/certificates/plan.hpp"

#include <gtest/gtest.h>

namespace errand::certificates {
namespace {

using namespace std::chrono_literals;

const Time kNow = Time(std::chrono::sys_days(std::chrono::year{2026} / 11 / 24));
const Settings kSettings{
    .ns = "errand-system", .names = {"a", "b"}, .authorityLife = 900h, .servingLife = 90h, .settle = 60s};

Observed settled() {
  Observed out;
  out.authorities = {{"ONE", kNow + 800h}};
  out.canSign = true;
  out.serving = Observed::Serving{kNow + 80h, true, true, {"b", "a"}};
  out.published = {"ONE", "ONE"};
  out.publishedSince = kNow - 1h;
  return out;
}

TEST(CertificatePlan, WaitsUntilAThirdOfTheLifeIsLeft) {
  const Plan made = plan(settled(), kSettings, kNow);
  EXPECT_EQ(made.step, Step::Wait);
  EXPECT_EQ(made.until, kNow + 50h);
  EXPECT_EQ(plan(settled(), kSettings, kNow + 50h - 1ms).step, Step::Wait);
  EXPECT_EQ(plan(settled(), kSettings, kNow + 50h).step, Step::IssueServing);
}

TEST(CertificatePlan, BeginsWithTheAuthorityAndPublishesItBeforeItSigns) {
  Observed observed;
  observed.published = {"", ""};
  EXPECT_EQ(plan(observed, kSettings, kNow).step, Step::MakeAuthority);
  observed.authorities = {{"ONE", kNow + 900h}};
  observed.canSign = true;
  const Plan publishes = plan(observed, kSettings, kNow);
  EXPECT_EQ(publishes.step, Step::Publish);
  EXPECT_EQ(publishes.bundle, "ONE");
  observed.published = {"ONE", "ONE"};
  EXPECT_EQ(plan(observed, kSettings, kNow).step, Step::IssueServing) << "with nothing to serve, no wait";
}

TEST(CertificatePlan, ANewAuthorityIsTrustedBesideTheOldOneAndSignsOnceAllHaveSeenIt) {
  Observed observed = settled();
  observed.authorities.front().notAfter = kNow + 300h;
  EXPECT_EQ(plan(observed, kSettings, kNow).step, Step::MakeAuthority);

  observed.authorities = {{"TWO", kNow + 900h}, {"ONE", kNow + 300h}};
  observed.serving->bySigner = false;
  observed.publishedSince.reset();
  const Plan publishes = plan(observed, kSettings, kNow);
  EXPECT_EQ(publishes.step, Step::Publish);
  EXPECT_EQ(publishes.bundle, "TWOONE");

  observed.published = {"TWOONE", "TWOONE"};
  observed.publishedSince = kNow;
  const Plan waits = plan(observed, kSettings, kNow + 59s);
  EXPECT_EQ(waits.step, Step::Wait);
  EXPECT_EQ(waits.until, kNow + 60s);
  EXPECT_EQ(plan(observed, kSettings, kNow + 60s).step, Step::IssueServing);
}

TEST(CertificatePlan, AnAuthorityIsTrustedToItsEnd) {
  Observed observed = settled();
  observed.authorities.push_back({"OLD", kNow + 1h});
  observed.published = {"ONEOLD", "ONEOLD"};
  EXPECT_EQ(plan(observed, kSettings, kNow).until, kNow + 1h);
  const Plan after = plan(observed, kSettings, kNow + 1h);
  EXPECT_EQ(after.step, Step::Publish);
  EXPECT_EQ(after.bundle, "ONE");
}

TEST(CertificatePlan, MendsWhatOthersChanged) {
  Observed bundle = settled(), names = settled(), stranger = settled(), none = settled(), key = settled();
  bundle.published[1] = "OTHER";
  names.serving->names = {"a"};
  stranger.serving->trusted = stranger.serving->bySigner = false;
  none.serving.reset();
  key.canSign = false;
  EXPECT_EQ(plan(bundle, kSettings, kNow).step, Step::Publish);
  EXPECT_EQ(plan(names, kSettings, kNow).step, Step::IssueServing);
  EXPECT_EQ(plan(stranger, kSettings, kNow).step, Step::IssueServing);
  EXPECT_EQ(plan(none, kSettings, kNow).step, Step::IssueServing);
  EXPECT_EQ(plan(key, kSettings, kNow).step, Step::MakeAuthority);
}

}  // namespace
}  // namespace errand::certificates
