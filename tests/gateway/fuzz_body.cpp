// Any bytes as any body: read or refused, never worse. What is read can be written and read again
// as the same.
#include <cstdlib>

#include "events-schema/codec.hpp"
#include "gateway/bodies.hpp"

using namespace boxoffice;

namespace {

template <class T>
void try_as(schema::Reader& reader, const std::string& text) {
  T read;
  if (!reader.object(text, read)) return;
  std::string written;
  schema::write_object(written, read);
  written.reserve(written.size() + schema::kPadding);
  T again;
  if (!reader.object(written, again) || !(read == again)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static schema::Reader reader(schema::Times::rfc3339);
  std::string text;
  text.reserve(size + schema::kPadding);
  text.assign(reinterpret_cast<const char*>(data), size);
  try_as<gateway::ClaimBody>(reader, text);
  try_as<gateway::TokenBody>(reader, text);
  try_as<gateway::KeyBody>(reader, text);
  try_as<gateway::OccasionBody>(reader, text);
  try_as<gateway::OccasionPatch>(reader, text);
  return 0;
}
