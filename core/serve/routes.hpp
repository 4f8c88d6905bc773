// The handling of requests by a server: routes, handlers and their answers.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace errand::serve {

// Views are valid for the duration of the handler's call only.
struct Request {
  std::string_view method;
  std::string_view path;   // without the query; percent-encoding is left as sent
  std::string_view query;  // what follows the first "?", or empty
  std::string_view contentType;
  std::string_view body;
  std::string_view source = {};   // the client's address, as bytes
  std::string_view network = {};  // the client's network, as in Source
};

struct Response {
  int status = 200;
  std::string body;
  std::string contentType = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// The server calls the handler again after this time. The connection waits without holding a thread.
struct Later {
  std::chrono::milliseconds after;
  // If set, the server calls the handler again only once this returns true or the request has waited for
  // `patience`. The server checks it after the time above, then at intervals that double up to 50 ms. It runs
  // on an I/O thread and outlives the handler's call: it must be cheap and own the data that it reads.
  std::function<bool()> ready = {};
  std::chrono::milliseconds patience{0};
};

using Answer = std::variant<Response, Later>;

// `waited` is zero in the first call for a request; after each Later it is the
// time since the first call. Handlers run on the server's threads, several at once:
// they must not block. An exception is answered with 500, and its type is logged.
using Handler = std::function<Answer(const Request& request, std::chrono::milliseconds waited)>;

struct Route {
  std::string method, path;
  std::string contentType;  // required of the request, ignoring parameters; empty for any
  Handler handler;
};

// A plain-text answer.
Response text(int status, std::string message);

// True if the query has the parameter, with or without a value.
bool hasParameter(std::string_view query, std::string_view name);

class Routes {
 public:
  Routes() = default;
  explicit Routes(std::vector<Route> routes) : routes_(std::move(routes)) {}

  // Returns the route, or the answer if there is none: 404, 405 with Allow, or 415 with Accept.
  // Paths are compared byte by byte.
  std::variant<const Route*, Response> find(const Request& request) const;

  // Each path once.
  std::vector<std::string> paths() const;

 private:
  std::vector<Route> routes_;
};

}  // namespace errand::serve
