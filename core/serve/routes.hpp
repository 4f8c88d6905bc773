// What a server does with a request: routes, handlers and their answers.
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
  std::string_view network = {};  // that it is in, as Source has it
};

struct Response {
  int status = 200;
  std::string body;
  std::string contentType = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Ask again after this time: the connection waits without holding a thread.
struct Later {
  std::chrono::milliseconds after;
  // Where it is given, the handler is not called before this is true, or the request has waited for
  // `patience`: looked at after the time above, and then each time after twice the time before, up to 50 ms.
  // On an I/O thread, and outliving the call: it costs little, and holds what it looks at.
  std::function<bool()> ready = {};
  std::chrono::milliseconds patience{0};
};

using Answer = std::variant<Response, Later>;

// `waited` is zero in the first call for a request, and after each Later the
// time since then. Handlers run on the server's threads, several at once: they
// never block. An exception is answered with 500 and logged by its type.
using Handler = std::function<Answer(const Request& request, std::chrono::milliseconds waited)>;

struct Route {
  std::string method, path;
  std::string contentType;  // that the request's must have, parameters aside; empty for any
  Handler handler;
};

// A plain-text answer.
Response text(int status, std::string message);

// Whether the query has the parameter, with or without a value.
bool hasParameter(std::string_view query, std::string_view name);

class Routes {
 public:
  Routes() = default;
  explicit Routes(std::vector<Route> routes) : routes_(std::move(routes)) {}

  // The route, or why there is none: 404, 405 with Allow, or 415 with Accept.
  // Paths are compared byte by byte.
  std::variant<const Route*, Response> find(const Request& request) const;

  // Each path once.
  std::vector<std::string> paths() const;

 private:
  std::vector<Route> routes_;
};

}  // namespace errand::serve
