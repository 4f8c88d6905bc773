// Stops and deadlines at a server that falls silent at each point of an answer. On loopback: what is
// tested is what cpprestsdk leaves behind, and each wait ends with an event and not with a time.
#include "core/kube/http/rest_transport.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "tests/unit/core/kube/http/stalledserver.hpp"

namespace errand::kube {
namespace {

using std::chrono::steady_clock;

struct Stall {
  const char* name;
  const char* says;
  bool stream;
};

void PrintTo(const Stall& stall, std::ostream* out) { *out << stall.name; }

class StalledTest : public testing::TestWithParam<Stall> {
 protected:
  StalledServer server_{GetParam().says};
  std::unique_ptr<Transport> transport_ = make();

  std::unique_ptr<Transport> make() {
    Config config;
    config.server = server_.url();
    config.caPem = server_.certificate();
    return std::move(*makeRestTransport(std::move(config)));
  }

  Result<Response> ask(Millis timeout, std::stop_token stop, const Transport::Sink& sink) {
    Request request;
    request.path = {"api", "v1", "pods"};
    request.timeout = timeout;
    return GetParam().stream ? transport_->stream(request, sink, std::move(stop))
                             : transport_->call(request, std::move(stop));
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
  EXPECT_LT(steady_clock::now() - asOf, Millis{100});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ErrorKind::Cancelled);
  // What it left behind ends without the transport.
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
  EXPECT_LT(took, kTimeout + Millis{100});
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

}  // namespace
}  // namespace errand::kube
