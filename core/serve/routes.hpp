// Routes of a server, their handlers, and the answers.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace errand::serve {

// A request. The views are valid only during the call of the handler.
struct Request {
  std::string_view method;
  std::string_view path;   // without the query; percent-encoding is not decoded
  std::string_view query;  // the text after the first "?"; may be empty
  std::string_view contentType;
  std::string_view body;
  std::string_view source = {};   // the client's address, as bytes
  std::string_view network = {};  // the client's network, as in serve::Source
};

// An HTTP answer.
struct Response {
  int status = 200;
  std::string body;
  std::string contentType = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// An answer that is not ready: the server calls the handler again. Meanwhile the connection occupies no
// thread. A request that would wait longer than Limits::answer in total gets 503.
struct Later {
  std::chrono::milliseconds after;  // until the next call of the handler, or the first of `ready`
  // If set, the server calls the handler only when ready() returns true, or when the request has waited for
  // `patience` in total. It repeats ready() at intervals that double up to 50 ms. ready() runs on an I/O
  // thread after the handler has returned, so it must be cheap and own its data.
  std::function<bool()> ready = {};
  std::chrono::milliseconds patience{0};
};

using Answer = std::variant<Response, Later>;

// Answers a request. `waited` is zero in the first call for a request; after a Later it is the time since
// that call. The server calls handlers on several threads at once. A handler must not block. For an exception
// the server answers 500, and logs its type.
using Handler = std::function<Answer(const Request& request, std::chrono::milliseconds waited)>;

// A method and path with their handler.
struct Route {
  std::string method, path;
  std::string contentType;  // the required Content-Type, ignoring parameters; empty means any
  Handler handler;
};

// Returns a plain-text answer. Adds a line end.
Response text(int status, std::string message);

// True if the query has the parameter, with or without a value. Does not decode percent-encoding.
bool hasParameter(std::string_view query, std::string_view name);

// The routes of a server.
class Routes {
 public:
  Routes() = default;
  explicit Routes(std::vector<Route> routes) : routes_(std::move(routes)) {}

  // Returns the route, or the answer if there is none: 404, 405 with Allow, or 415 with Accept. Compares
  // paths byte by byte.
  std::variant<const Route*, Response> find(const Request& request) const;

  // Returns each path once.
  std::vector<std::string> paths() const;

 private:
  std::vector<Route> routes_;
};

}  // namespace errand::serve
