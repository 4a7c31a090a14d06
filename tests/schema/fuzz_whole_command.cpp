// Any bytes: what is read as a whole command is written, read again as the same, and written again
// as the same bytes. A topic may hold whatever somebody wrote there.
#include <cstdlib>

#include "tests/schema/padded.hpp"

using namespace boxoffice::schema;
using boxoffice::schema_test::Padded;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Reader reader;
  static CommandEnvelope envelope, again;
  static Command command, command_again;
  const Padded text({reinterpret_cast<const char*>(data), size});
  if (!reader.command(text, envelope, command)) return 0;

  std::string written, written_again;
  write_command(written, envelope, command);
  if (!reader.command(Padded(written), again, command_again)) std::abort();
  if (envelope != again || command != command_again) std::abort();
  write_command(written_again, again, command_again);
  if (written != written_again) std::abort();
  return 0;
}
