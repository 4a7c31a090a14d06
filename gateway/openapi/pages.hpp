#pragma once

#include <string_view>

/// Pages that are part of the program. They load nothing from elsewhere.
namespace boxoffice::gateway {

std::string_view docs_page();  ///< shows /openapi.json
std::string_view home_page();

}  // namespace boxoffice::gateway
