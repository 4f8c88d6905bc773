// Packed objects: nothing is lost or changed, whatever a text looks like.
#include "core/api/packed/packed.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::api {
namespace {

PartialObject withTexts(const std::vector<std::string>& texts) {
  PartialObject out;
  out.meta.ns = "agents";
  out.meta.name = "x";
  out.meta.finalizers = texts;
  return out;
}

TEST(PackedTest, EveryTextComesBackAsItWas) {
  const std::string uid = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
  const std::string digest = "sha256:" + std::string(64, 'a');
  std::vector<std::string> texts = {"",
                                    "x",
                                    "agents",
                                    std::string("\0\xff\x80", 3),
                                    std::string(5000, 'y'),
                                    uid,
                                    uid,
                                    "0A1B2C3D-4e5f-6071-8293-a4b5c6d7e8f9",
                                    "0a1b2c3d4e5f-6071-8293-a4b5c6d7e8f90",
                                    "0a1b2c3d--4e5f6071-8293-a4b5c6d7e8f9",
                                    "-0a1b2c3d4e5f-6071-8293-a4b5c6d7e8f9",
                                    "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                                    "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f",
                                    "0a1b2c3g-4e5f-6071-8293-a4b5c6d7e8f9",
                                    digest,
                                    digest + "a",
                                    "sha256:" + std::string(64, 'A'),
                                    "errand-g.0123456789abcdef0123",
                                    "errand-g.0123456789abcdef0123.r.reader",
                                    "0",
                                    "00",
                                    "7",
                                    "07",
                                    "-7",
                                    "+7",
                                    "1e5",
                                    "999999999999999999",
                                    "1000000000000000000",
                                    "18446744073709551616",
                                    "errand.dev/revoke",
                                    "TaskGrant",
                                    "agents"};
  const PartialObject object = withTexts(texts);
  EXPECT_EQ(unpack<PartialObject>(pack(object)).meta, object.meta);
}

TEST(PackedTest, TimesAndNumbersComeBackAsTheyWere) {
  TaskGrant grant;
  grant.meta.name = "g";
  grant.meta.generation = std::numeric_limits<std::int64_t>::min();
  grant.status.observedGeneration = std::numeric_limits<std::int64_t>::max();
  grant.spec.ttlSecondsAfterFinished = -1;
  grant.meta.creationTimestamp = Time{Millis{-1}};
  grant.status.startedAt = Time{Millis{1'790'000'000'123}};
  grant.status.endsAt = Time{Seconds{1'790'000'000}};
  grant.status.endedAt = Time{};
  grant.spec.window.duration = Seconds{86400};
  grant.spec.revokeReason = "";
  grant.status.phase = Phase::Denied;
  EXPECT_EQ(unpack<TaskGrant>(pack(grant)), grant);
}

TEST(PackedTest, NamespaceAndNameAreReadWithoutUnpacking) {
  const Packed packed = pack(withTexts({"agents", "x"}));
  EXPECT_EQ(packed.ns(), "agents");
  EXPECT_EQ(packed.name(), "x");
  PartialObject clusterWide;
  clusterWide.meta.name = "12345";
  EXPECT_EQ(pack(clusterWide).ns(), "");
  EXPECT_EQ(pack(clusterWide).name(), "12345");
  EXPECT_EQ(unpack<PartialObject>(pack(clusterWide)).meta, clusterWide.meta);
}

TEST(PackedTest, CopiesShareBytesThatLiveAsLongAsAny) {
  Packed copy;
  EXPECT_FALSE(copy);
  {
    const Packed first = pack(withTexts({"a"}));
    copy = first;
    EXPECT_EQ(copy.bytes().data(), first.bytes().data());
  }
  EXPECT_EQ(unpack<PartialObject>(copy).meta, withTexts({"a"}).meta);
  const Packed moved = std::move(copy);
  EXPECT_TRUE(moved);
}

}  // namespace
}  // namespace errand::api
