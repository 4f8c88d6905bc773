// The cache's promises: order of versions, scopes, write-through, indexes, listeners.
#include "core/kube/watch/store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/api/objects.hpp"

namespace errand::kube {
namespace {

using api::Pod;
using Ptr = std::shared_ptr<const Pod>;

using AccountKey = IndexKey<struct AccountForm>;
using OtherKey = IndexKey<struct OtherForm>;
constexpr IndexHandle<Pod, AccountKey> kByAccount{"account"};
constexpr IndexHandle<Pod, AccountKey> kNotAdded{"nothing"};

template <class T, class I, class K>
concept Answers =
    requires(const Store<T>& store, const I& index, const K& key) { store.byIndex(index, key); };
static_assert(Answers<Pod, IndexHandle<Pod, AccountKey>, AccountKey>);
static_assert(!Answers<Pod, IndexHandle<Pod, AccountKey>, OtherKey>, "a key of another form");
static_assert(!Answers<Pod, IndexHandle<Pod, AccountKey>, std::string>, "text of no form");
static_assert(!Answers<api::Job, IndexHandle<Pod, AccountKey>, AccountKey>, "another store");

Ptr pod(const std::string& ns, const std::string& name, const std::string& version,
        const std::string& uid = "u1", const std::string& account = "a") {
  auto out = std::make_shared<Pod>();
  out->meta.ns = ns;
  out->meta.name = name;
  out->meta.uid = uid;
  out->meta.resourceVersion = version;
  out->serviceAccountName = account;
  return out;
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    store_.addIndex(kByAccount, [](const Pod& p) { return std::vector{AccountKey(p.serviceAccountName)}; });
    store_.onChange([this](const Ptr& old, const Ptr& next) {
      log_ += (old ? old->meta.resourceVersion : "") + ">" + (next ? next->meta.resourceVersion : "") + " ";
    });
  }
  std::string versionOf(const std::string& name) const {
    const Ptr found = store_.get("ns", name);
    return found ? found->meta.resourceVersion : "";
  }
  Store<Pod> store_;
  std::string log_;
};

TEST_F(StoreTest, WriteThroughNeverGoesBack) {
  store_.replace("", {pod("ns", "p", "10")}, "10");
  store_.upsert(pod("ns", "p", "12"));
  store_.apply("", pod("ns", "p", "11"));
  EXPECT_EQ(versionOf("p"), "12") << "the watch is behind our own write";
  store_.upsert(pod("ns", "p", "9"));
  EXPECT_EQ(versionOf("p"), "12");
  store_.apply("", pod("ns", "p", "100"));
  EXPECT_EQ(versionOf("p"), "100") << "versions are numbers";
  EXPECT_EQ(log_, ">10 10>12 12>100 ");
}

TEST_F(StoreTest, TheEchoOfOurOwnWriteWakesNobodyAndIsSeen) {
  store_.replace("", {pod("ns", "p", "10")}, "10");
  store_.upsert(pod("ns", "p", "12"));
  store_.apply("", pod("ns", "p", "12"));
  EXPECT_EQ(log_, ">10 10>12 ");
  store_.replace("", {}, "11");
  EXPECT_EQ(versionOf("p"), "")
      << "what the watch has shown is no write of ours any more: a list without it removes it";
  store_.upsert(pod("ns", "q", "20", "u2"));
  store_.apply("", pod("ns", "q", "20", "u3"));
  EXPECT_EQ(store_.get("ns", "q")->meta.uid, "u3") << "another object is no echo";
}

TEST_F(StoreTest, ALateWriteDoesNotBringBackWhatTheWatchSawGo) {
  store_.replace("", {pod("ns", "p", "10")}, "10");
  store_.erase("", {"ns", "p"}, "20");
  store_.upsert(pod("ns", "p", "15"));
  EXPECT_EQ(versionOf("p"), "");
  store_.upsert(pod("ns", "p", "21", "u2"));
  EXPECT_EQ(versionOf("p"), "21") << "a new object of that name";
}

TEST_F(StoreTest, TheEndOfTheLastObjectLeavesTheNext) {
  store_.replace("", {pod("ns", "p", "10")}, "10");
  store_.upsert(pod("ns", "p", "12", "u2"));
  store_.erase("", {"ns", "p"}, "11");
  EXPECT_EQ(versionOf("p"), "12");
  store_.remove("ns", "p", "u1");
  EXPECT_EQ(versionOf("p"), "12") << "the uid is another's";
  store_.remove("ns", "p", "u2");
  EXPECT_EQ(versionOf("p"), "");
}

TEST_F(StoreTest, AListReplacesItsScopeAloneAndSparesLaterWrites) {
  store_.replace("ns", {pod("ns", "gone", "1"), pod("ns", "stays", "2")}, "5");
  store_.replace("other", {pod("other", "p", "3")}, "5");
  store_.upsert(pod("ns", "ours", "8"));
  log_.clear();
  store_.replace("ns", {pod("ns", "stays", "2"), pod("ns", "new", "6")}, "7");
  EXPECT_EQ(versionOf("gone"), "");
  EXPECT_EQ(versionOf("ours"), "8");
  EXPECT_EQ(log_, "1> >6 ") << "what has not changed is not told";
  EXPECT_NE(store_.get("other", "p"), nullptr);
  store_.replace("ns", {pod("ns", "stays", "2")}, "9");
  EXPECT_EQ(versionOf("ours"), "") << "a list taken after our write, without it, means that it is gone";
  store_.replace("ns", {pod("ns", "stays", "1")}, "1");
  EXPECT_EQ(versionOf("stays"), "1") << "a whole list is right even where etcd was restored";
}

TEST_F(StoreTest, SyncedByScope) {
  EXPECT_FALSE(store_.synced());
  store_.replace("ns", {}, "1");
  EXPECT_TRUE(store_.synced("ns"));
  EXPECT_FALSE(store_.synced("other"));
  EXPECT_FALSE(store_.synced());
  store_.replace("", {}, "2");
  EXPECT_TRUE(store_.synced("other")) << "everything is complete";
}

TEST_F(StoreTest, DropForgetsAScope) {
  store_.replace("ns", {pod("ns", "p", "1")}, "1");
  store_.replace("other", {pod("other", "p", "1")}, "1");
  store_.drop("ns");
  EXPECT_FALSE(store_.synced("ns"));
  EXPECT_EQ(store_.size(), 1U);
}

TEST_F(StoreTest, IndexesAndListsFollowChanges) {
  store_.replace(
      "", {pod("a", "p", "1", "u1", "x"), pod("b", "p", "2", "u2", "x"), pod("b", "q", "3", "u3", "y")}, "3");
  EXPECT_EQ(store_.list("b").size(), 2U);
  EXPECT_EQ(store_.keys(std::nullopt).size(), 3U);
  EXPECT_EQ(store_.byIndex(kByAccount, AccountKey("x")).size(), 2U);
  store_.apply("", pod("a", "p", "4", "u1", "y"));
  EXPECT_EQ(store_.byIndex(kByAccount, AccountKey("x")).size(), 1U);
  EXPECT_EQ(store_.byIndex(kByAccount, AccountKey("y")).size(), 2U);
  store_.erase("", {"b", "p"}, "5");
  EXPECT_TRUE(store_.byIndex(kByAccount, AccountKey("x")).empty());
  EXPECT_TRUE(store_.byIndex(kNotAdded, AccountKey("x")).empty());
}

TEST_F(StoreTest, ReadersSeeWholeSnapshotsWhileAWriterWorks) {
  store_.replace("", {pod("ns", "p", "1")}, "1");
  std::atomic<bool> wrong{false};
  std::jthread reader([&](const std::stop_token& stop) {
    std::uint64_t last = 0;
    while (!stop.stop_requested()) {
      const Ptr seen = store_.get("ns", "p");
      const std::uint64_t version = seen ? versionNumber(seen->meta.resourceVersion) : 0;
      if (version < last || store_.byIndex(kByAccount, AccountKey("a")).size() != 1) wrong = true;
      last = version;
    }
  });
  for (int i = 2; i < 2000; ++i) store_.apply("", pod("ns", "p", std::to_string(i)));
  reader.request_stop();
  reader.join();
  EXPECT_FALSE(wrong);
}

}  // namespace
}  // namespace errand::kube
