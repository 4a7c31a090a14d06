// The first byte chooses a command; what is read of the others is written, read again as the same,
// and written again as the same bytes.
#include <array>
#include <cstdlib>

#include "tests/schema/padded.hpp"

using namespace boxoffice::schema;
using boxoffice::schema_test::Padded;

namespace {

template <std::size_t... I>
constexpr auto names(std::index_sequence<I...>) {
  return std::array{std::variant_alternative_t<I, Command>::kName...};
}
constexpr auto kNames = names(std::make_index_sequence<std::variant_size_v<Command>>{});

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Reader reader;
  static Command command, again;
  if (size == 0) return 0;
  const std::string_view name = kNames[data[0] % kNames.size()];
  const Padded text({reinterpret_cast<const char*>(data) + 1, size - 1});
  if (!reader.command_data(name, 1, text, command)) return 0;

  std::string written, written_again;
  write_data(written, command);
  if (!reader.command_data(name, 1, Padded(written), again)) std::abort();
  write_data(written_again, again);
  if (command != again || written != written_again) std::abort();
  return 0;
}
