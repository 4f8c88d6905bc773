// Splits a stream into the documents that kubectl reads from it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace errand::cli {

// One document of a stream.
struct YamlChunk {
  std::string_view text;                          // valid as long as the stream and `owner`
  int firstLine;                                  // the line of the stream at which `text` begins, from 1
  std::shared_ptr<const std::string> owner = {};  // owns `text`, unless `text` is a part of the stream
};

// Returns the documents of a stream without their separators and byte order marks: YAML documents, and JSON
// values that follow each other. Skips documents with only comments. Each can be parsed by itself, so that a
// broken one does not hide the rest. Outside of JSON, the other line breaks of YAML 1.1 (CR, NEL, U+2028,
// U+2029) count as well. Never fails.
std::vector<YamlChunk> splitStream(std::string_view text);

}  // namespace errand::cli
