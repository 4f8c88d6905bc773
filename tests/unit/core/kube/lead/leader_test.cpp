#include "core/kube/lead/leader.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

// Has no Lease at first, and grants every write of one.
struct GrantingServer final : Transport {
  Result<Response> call(const Request& request, std::stop_token) override {
    if (request.method == Method::Get) return FakeTransport::response(404, R"({"kind":"Status","code":404})");
    const std::lock_guard lock(mutex);
    ++writes;
    return FakeTransport::response(200, std::string(request.body.reveal()));
  }
  Result<Response> stream(const Request&, const Sink&, std::stop_token) override { return Response{200}; }
  std::mutex mutex;
  int writes = 0;
};

Request creation() {
  Request out;
  out.method = Method::Post;
  out.path = {"api", "v1", "namespaces"};
  out.body = Sensitive("{}");
  return out;
}

TEST(LeaderTest, WithoutALeaseItLeadsUntilTheStop) {
  GrantingServer server;
  Leader leader(server, std::nullopt);
  EXPECT_EQ(&leader.transport(), &server);
  std::stop_source stop;
  int terms = 0;
  leader.run(stop.get_token(), [&](const std::stop_token& over) {
    ++terms;
    EXPECT_FALSE(over.stop_requested());
    stop.request_stop();
    EXPECT_TRUE(over.stop_requested());
  });
  EXPECT_EQ(terms, 1);
}

TEST(LeaderTest, WithALeaseItWritesInATermAlone) {
  GrantingServer server;
  Leader leader(server, LeaseSpec{.ns = "errand-system", .name = "errand-x", .identity = "me"});
  EXPECT_EQ(leader.transport().call(creation(), {}).error().kind, ErrorKind::Cancelled);
  std::stop_source stop;
  leader.run(stop.get_token(), [&](const std::stop_token& over) {
    EXPECT_TRUE(leader.transport().call(creation(), {}).has_value());
    stop.request_stop();
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait(lock, over, [] { return false; });
    EXPECT_TRUE(leader.transport().call(creation(), {}).has_value()) << "a term finishes what it has begun";
  });
  leader.release();
  EXPECT_EQ(leader.transport().call(creation(), {}).error().kind, ErrorKind::Cancelled);
  EXPECT_GE(server.writes, 3);
}

}  // namespace
}  // namespace errand::kube
