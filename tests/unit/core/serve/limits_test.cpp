// Each bound of a server, by what the client sees and by what is counted.
#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <thread>

#include "core/base/metrics.hpp"
#include "core/serve/server.hpp"
#include "tests/unit/core/serve/client.hpp"

namespace errand::serve {
namespace {

using namespace std::chrono_literals;
using test::Client;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kHead = "POST /echo HTTP/1.1\r\nHost: x\r\n";
const std::string kWhole = kHead + "Content-Length: 2\r\n\r\n{}";

// A server with a name of its own, so that its series are its own.
class Limited : public testing::Test {
 protected:
  std::unique_ptr<Server> serve(Limits limits) {
    Options options;
    options.name = testing::UnitTest::GetInstance()->current_test_info()->name();
    options.limits = limits;
    return std::move(*Server::start(
        options, Routes({{"POST", "/echo", "",
                          [](const Request& r, std::chrono::milliseconds) {
                            return Response{200, std::string(r.body)};
                          }},
                         {"POST", "/never", "", [this](const Request&, std::chrono::milliseconds) -> Answer {
                            asked_ = true;
                            asked_.notify_all();
                            return Later{1ms};
                          }}})));
  }

  std::atomic<bool> asked_ = false;  // whether /never has been

  static void expectServed(Client& client) {
    client.send(kWhole);
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 "));
  }

  static double hits(const std::string& limit) {
    return metrics::counter(
               "errand_http_limit_hits_total", "",
               {{"server", testing::UnitTest::GetInstance()->current_test_info()->name()}, {"limit", limit}})
        .value();
  }

  static double answered(const std::string& path, const std::string& code) {
    return metrics::counter("controller_runtime_webhook_requests_total", "",
                            {{"server", testing::UnitTest::GetInstance()->current_test_info()->name()},
                             {"webhook", path},
                             {"code", code}})
        .value();
  }
};

TEST_F(Limited, ConnectionsOfOneSource) {
  const auto server = serve({.connectionsPerSource = 2});
  Client first(server->port()), second(server->port());
  for (Client* client : {&first, &second}) expectServed(*client);
  EXPECT_TRUE(Client(server->port()).closed());
  EXPECT_EQ(hits("connections_per_source"), 1);
  Client other(server->port(), "127.0.0.2");
  expectServed(other);
}

TEST_F(Limited, TheOldestThatHasEarnedNothingMakesWay) {
  const auto server = serve({.connections = 3});
  Client first(server->port());
  expectServed(first);
  Client oldest(server->port()), younger(server->port()), further(server->port());
  expectServed(further);
  EXPECT_TRUE(oldest.closed());
  expectServed(younger);
  expectServed(first);
  EXPECT_EQ(hits("connections_evicted"), 1);
  EXPECT_EQ(hits("connections"), 0);
}

TEST_F(Limited, ARefusedRequestEarnsNothing) {
  const auto server = serve({.connections = 1});
  Client refused(server->port());
  refused.send("GET /absent HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(refused.answer(), StartsWith("HTTP/1.1 404 "));
  Client further(server->port());
  expectServed(further);
  EXPECT_TRUE(refused.closed());
}

TEST_F(Limited, WhoHasEarnedItsPlaceKeepsIt) {
  const auto server = serve({.connections = 1, .connectionsPerSource = 2});
  {
    Client first(server->port());
    expectServed(first);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(Client(server->port()).closed());
    expectServed(first);
    EXPECT_EQ(hits("connections"), 3);
    EXPECT_EQ(hits("connections_evicted"), 0);
  }
  while (server->connections() > 0) std::this_thread::yield();
  Client next(server->port());
  expectServed(next);
  EXPECT_EQ(hits("connections_per_source"), 0) << "who was refused is not counted on";
}

TEST_F(Limited, OneSourceAloneCostsNobodyAConnection) {
  const auto server = serve({.connections = 2, .connectionsPerSource = 1});
  Client one(server->port()), other(server->port(), "127.0.0.2");
  EXPECT_TRUE(Client(server->port()).closed());
  expectServed(one);
  expectServed(other);
  EXPECT_EQ(hits("connections_evicted"), 0);
}

TEST_F(Limited, AFarewellIsBounded) {
  constexpr std::size_t kPiece = 64 * 1024;
  const auto server = serve({.headerBytes = 128, .farewell = 1h, .farewellBytes = kPiece});
  Client client(server->port());
  client.send(kHead + "X: " + std::string(200, 'x'));
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 431 "));
  while (client.send(std::string(kPiece, 'x'))) {
  }
  EXPECT_EQ(hits("farewell_bytes"), 1);
}

TEST_F(Limited, RequestsInFlightAreToldToComeAgain) {
  const auto server = serve({.requests = 1, .answer = 1h});
  Client waits(server->port());
  waits.send("POST /never HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
  asked_.wait(false);
  Client other(server->port());
  other.send(kWhole);
  const std::string answer = other.answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 429 Too Many Requests\r\n"));
  EXPECT_THAT(answer, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_EQ(hits("requests"), 1);
  EXPECT_EQ(answered("/echo", "429"), 1);
  EXPECT_EQ(answered("/never", "200"), 0);
}

TEST_F(Limited, TimesAreCountedByPhase) {
  const auto server = serve({.header = 20ms, .body = 20ms, .idle = 20ms});
  const auto closes = [&](const std::string& start) {
    Client client(server->port());
    client.send(start);
    client.answer();
    EXPECT_TRUE(client.closed());
  };
  closes("");
  closes("POST");
  closes(kHead + "Content-Length: 3\r\n\r\n{");
  closes(kWhole);
  EXPECT_EQ(hits("header_time"), 2);
  EXPECT_EQ(hits("body_time"), 1);
  EXPECT_EQ(hits("idle_time"), 1);
}

TEST_F(Limited, SizesAreCountedAndAnswered) {
  const auto server = serve({.headerBytes = 128, .bodyBytes = 10, .farewell = 100ms});
  const auto answer = [&](const std::string& bytes) {
    Client client(server->port());
    client.send(bytes);
    return client.answer();
  };
  EXPECT_THAT(answer(kHead + "X: " + std::string(200, 'x')), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer(kHead + "Content-Length: 11\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer(kHead + "\r\n"), StartsWith("HTTP/1.1 411 "));
  EXPECT_EQ(hits("header_bytes"), 1);
  EXPECT_EQ(hits("body_bytes"), 1);
  EXPECT_EQ(answered("other", "411"), 1);
}

// RFC 9110, section 9.3.2: a body after HEAD would be taken for the next answer.
TEST_F(Limited, AnAnswerToHeadHasNoBody) {
  const auto server = serve({});
  Client client(server->port());
  client.send("HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n" + kWhole);
  std::string all = client.answer();
  while (all.find("200 OK") == std::string::npos) {
    const std::string more = client.answer();
    ASSERT_FALSE(more.empty());
    all += more;
  }
  EXPECT_THAT(all, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(all, HasSubstr("\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

}  // namespace
}  // namespace errand::serve
