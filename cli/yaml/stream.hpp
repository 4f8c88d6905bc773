// Divides a stream into the documents that kubectl would read from it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace errand::cli {

struct YamlChunk {
  std::string_view text;
  int firstLine;
  std::shared_ptr<const std::string> owner = {};  // of `text`, unless that is a part of the stream
};

// The documents of a stream, without their separators and byte order marks: YAML documents, and JSON values
// that follow each other. They can be parsed one by one, so that a broken one does not hide the rest. The
// line breaks of YAML 1.1 (CR, NEL, U+2028, U+2029) count as such outside of JSON.
std::vector<YamlChunk> splitStream(std::string_view text);

}  // namespace errand::cli
