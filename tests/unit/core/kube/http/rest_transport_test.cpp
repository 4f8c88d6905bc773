// Stops and deadlines at a server that falls silent at each point of an answer. The tests use loopback,
// because they check what cpprestsdk leaves behind. Each wait ends with an event, not after a time.
#include "core/kube/http/rest_transport.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <utility>

#include "tests/unit/core/kube/http/pool.hpp"
#include "tests/unit/core/kube/http/stalledserver.hpp"

namespace errand::kube {
namespace {

using std::chrono::steady_clock;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr Millis kAtOnce{2000};
#else
constexpr Millis kAtOnce{100};
#endif

struct Stall {
  const char* name;
  const char* says;
  bool stream;
};

void PrintTo(const Stall& stall, std::ostream* out) { *out << stall.name; }

std::unique_ptr<Transport> transportTo(const StalledServer& server) {
  Config config;
  config.server = server.url();
  config.caPem = server.certificate();
  return std::move(*makeRestTransport(std::move(config)));
}

Request request(Millis timeout, Method method = Method::Get) {
  Request out;
  out.method = method;
  out.path = {"api", "v1", "pods"};
  out.timeout = timeout;
  return out;
}

class StalledTest : public testing::TestWithParam<Stall> {
 protected:
  void TearDown() override { drainPool(); }

  StalledServer server_{GetParam().says};
  std::unique_ptr<Transport> transport_ = transportTo(server_);

  Result<Response> ask(Millis timeout, std::stop_token stop, const Transport::Sink& sink) {
    return GetParam().stream ? transport_->stream(request(timeout), sink, std::move(stop))
                             : transport_->call(request(timeout), std::move(stop));
  }
};

TEST_P(StalledTest, AStopEndsACallWithin100Milliseconds) {
  std::stop_source stop;
  std::promise<void> begun;
  bool some = false;
  auto asked = std::async(std::launch::async, [&] {
    return ask(Seconds{60}, stop.get_token(), [&](std::string_view) {
      if (!std::exchange(some, true)) begun.set_value();
      return true;
    });
  });
  server_.stalled();
  if (GetParam().stream) begun.get_future().wait();
  const auto asOf = steady_clock::now();
  stop.request_stop();
  const auto answer = asked.get();
  EXPECT_LT(steady_clock::now() - asOf, kAtOnce);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ErrorKind::Cancelled);
  // The connection that the call left behind must end even after the transport is gone.
  transport_.reset();
  server_.left();
}

TEST_P(StalledTest, ADeadlineEndsACall) {
  constexpr Millis kTimeout{300};
  const auto begin = steady_clock::now();
  const auto answer = ask(kTimeout, {}, [](std::string_view) { return true; });
  const auto took = steady_clock::now() - begin;
  transport_.reset();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ErrorKind::Timeout);
  EXPECT_GE(took, kTimeout);
  EXPECT_LT(took, kTimeout + kAtOnce);
  server_.left();
}

INSTANTIATE_TEST_SUITE_P(
    , StalledTest,
    testing::Values(Stall{"BeforeTls", "", false}, Stall{"InTheHead", "HTTP/1.1 200 OK\r\n", false},
                    Stall{"InTheBody", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\":", false},
                    Stall{"InAChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{", false},
                    Stall{"InAStream", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n",
                          true}),
    [](const auto& stall) { return stall.param.name; });

TEST(RestTransportTest, ARedirectIsAnAnswer) {
  StalledServer server("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  const auto transport = transportTo(server);
  const auto answer = transport->call(request(Seconds{20}), {});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 302);
}

TEST(RestTransportTest, AWriteIsNotSentAgainWhereAReusedConnectionBreaks) {
  StalledServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  const auto transport = transportTo(server);
  ASSERT_TRUE(transport->call(request(Seconds{20}), {}).has_value());
  drainPool();  // the answer is here before its connection is free to be used again
  server.stalled();
  server.hangUp();
  Request post = request(Seconds{2}, Method::Post);
  post.body = Sensitive("{}");
  const auto answer = transport->call(post, {});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().message, "the API server closed the connection before it answered a write");
}

TEST(RestTransportTest, ThePoolIsSmall) {
  StalledServer server("");
  EXPECT_FALSE(transportTo(server)->call(request(Millis{1}), {}).has_value());
  const std::filesystem::directory_iterator threads("/proc/self/task");
  EXPECT_LT(std::distance(begin(threads), end(threads)), 20) << "40 are cpprestsdk's own choice";
}

}  // namespace
}  // namespace errand::kube
