// The conversion of a requester to annotations and back. Each text that must not pass for a user is rejected.
#include "core/api/provenance.hpp"

#include <gmock/gmock.h>

namespace errand::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

const Requester kAlice{"alice",
                       "u-1",
                       {"ops", "dev", "dev", "system:authenticated"},
                       {{"example.com/team", {"b", "a=1"}},
                        {"authentication.kubernetes.io/credential-id", {"JTI=1"}},
                        {"empty", {}}}};

ObjectMeta with(StringMap annotations) {
  ObjectMeta meta;
  meta.annotations = std::move(annotations);
  return meta;
}

ObjectMeta alice() { return with(recordRequester(kAlice).value()); }

std::string problemOf(const ObjectMeta& meta) {
  const auto read = recordedRequester(meta);
  return read ? "" : read.error().message;
}

TEST(Provenance, IsSortedLines) {
  const StringMap annotations = recordRequester(kAlice).value();
  EXPECT_THAT(
      annotations,
      UnorderedElementsAre(
          std::pair("errand.dev/requester-user", "alice"), std::pair("errand.dev/requester-uid", "u-1"),
          std::pair("errand.dev/requester-groups", "dev\nops\nsystem:authenticated"),
          std::pair("errand.dev/requester-extra", "example.com/team=a=1\nexample.com/team=b")));
  EXPECT_THAT(recordRequester({"bob", "", {}, {}}).value(),
              ElementsAre(std::pair("errand.dev/requester-user", "bob")));
}

TEST(Provenance, IsReadBackAsWhatCountsOfTheUser) {
  const auto read = recordedRequester(alice());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, asRecorded(kAlice));
  EXPECT_THAT(read->groups, ElementsAre("dev", "ops", "system:authenticated"));
  EXPECT_THAT(read->extra, ElementsAre(std::pair("example.com/team", std::vector<std::string>{"a=1", "b"})));
}

// Nobody can take the group away while a grant runs: no authorizer is asked about its members.
TEST(Provenance, SystemMastersIsWrittenAndDoesNotCount) {
  const Requester root{"root", "", {"system:masters", "dev"}, {}};
  const ObjectMeta meta = with(recordRequester(root).value());
  EXPECT_EQ(meta.annotation(kRequesterGroups), "dev\nsystem:masters");
  EXPECT_THAT(recordedRequester(meta)->groups, ElementsAre("dev"));
  EXPECT_THAT(asRecorded(root).groups, ElementsAre("dev"));
}

TEST(Provenance, AUserOfManyFormsIsNotRecorded) {
  const auto refused = [](const Requester& r) {
    const auto made = recordRequester(r);
    return made ? "recorded" : made.error().message;
  };
  EXPECT_THAT(refused({"", "", {}, {}}), HasSubstr("the user name is empty"));
  EXPECT_THAT(refused({"a\nb", "", {}, {}}), HasSubstr("the user name has a control character"));
  EXPECT_THAT(refused({"a", "\x7f", {}, {}}), HasSubstr("the uid has a control character"));
  EXPECT_THAT(refused({"a", "", {"dev\nsystem:masters"}, {}}), HasSubstr("a group is empty or has"));
  EXPECT_THAT(refused({"a", "", {""}, {}}), HasSubstr("a group is empty or has"));
  EXPECT_THAT(refused({"a", "", {}, {{"k", {"v\x1f"}}}}), HasSubstr("extra has an empty key"));
  EXPECT_THAT(refused({"a", "", {}, {{"k\t", {"v"}}}}), HasSubstr("extra has an empty key"));
  EXPECT_THAT(refused({"a", "", {}, {{"k=", {"v"}}}}), HasSubstr("extra has an empty key"));
  EXPECT_THAT(refused({"a", "", {}, {{"", {"v"}}}}), HasSubstr("extra has an empty key"));
  EXPECT_EQ(refused({"a b", "", {"\xc3\xa9t\xc3\xa9 1~"}, {{"k", {""}}}}), "recorded");
}

TEST(Provenance, ItsSizeIsBounded) {
  Requester r{"a", "", {}, {}};
  for (size_t i = 0; i < kMostRequesterLines; ++i) {
    r.groups.push_back("g" + std::to_string(i));
    r.extra["k"].push_back(std::to_string(i));
  }
  const auto fits = recordRequester(r);
  ASSERT_TRUE(fits) << fits.error().message;
  EXPECT_EQ(problemOf(with(*fits)), "");
  Requester more = r;
  more.groups.emplace_back("one-more");
  EXPECT_THAT(recordRequester(more).error().message, HasSubstr("801 groups are more than 800"));
  more = r;
  more.extra["k"].emplace_back("one-more");
  EXPECT_THAT(recordRequester(more).error().message, HasSubstr("801 values of extra are more than 800"));
  const Requester exact{"a", "", {std::string(kLongestRequester - 1, 'x')}, {}};
  ASSERT_TRUE(recordRequester(exact));
  EXPECT_EQ(problemOf(with(*recordRequester(exact))), "");
  Requester longer = exact;
  longer.uid = "u";
  EXPECT_THAT(recordRequester(longer).error().message, HasSubstr("take 65537 bytes of at most 65536"));
  ObjectMeta meta = with(*recordRequester(exact));
  meta.annotations.emplace(kRequesterUid, "u");
  EXPECT_THAT(problemOf(meta), HasSubstr("too long"));
}

TEST(Provenance, WhatAdmissionNeverWritesIsNotRead) {
  EXPECT_THAT(problemOf({}), testing::AllOf(HasSubstr("errand.dev/requester-user is missing"),
                                            HasSubstr("create the object again, without annotations "
                                                      "errand.dev/requester-*")));
  struct Case {
    std::string_view key, value, problem;
  };
  for (const auto& [key, value, problem] :
       std::initializer_list<Case>{{kRequesterUser, "", "has an empty line"},
                                   {kRequesterUser, "alice\nbob", "has more than one line"},
                                   {kRequesterUser, "alice\r", "has a control character"},
                                   {kRequesterUid, "", "has an empty line"},
                                   {kRequesterUid, "u\nv", "has more than one line"},
                                   {kRequesterGroups, "", "has an empty line"},
                                   {kRequesterGroups, "dev\n", "has an empty line"},
                                   {kRequesterGroups, "\ndev", "has an empty line"},
                                   {kRequesterGroups, "dev\n\nops", "has an empty line"},
                                   {kRequesterGroups, "dev\nops\ndev", "has a line twice"},
                                   {kRequesterGroups, "dev\x7f", "has a control character"},
                                   {kRequesterExtra, "k=v\nk=v", "has a line twice"},
                                   {kRequesterExtra, "k", "is not key=value"},
                                   {kRequesterExtra, "=v", "is not key=value"}}) {
    ObjectMeta meta = alice();
    meta.annotations.insert_or_assign(std::string(key), std::string(value));
    EXPECT_THAT(problemOf(meta), testing::AllOf(HasSubstr(key), HasSubstr(problem))) << key << " " << value;
  }
}

}  // namespace
}  // namespace errand::api
