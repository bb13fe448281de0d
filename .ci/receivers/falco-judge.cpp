// Asks libsinsp, the library that Falco itself is built on: one line of input is one question. "C CONDITION" is compiled as a filter of
// the source syscall, "O TEXT" is read as an output's format. One line of answer each: "ok", or what is wrong.
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#if !__GLIBC_PREREQ(2, 38)
extern "C" size_t strlcpy(char*, const char*, size_t) noexcept;  // The library's headers use it; older headers do not have it.
#endif
#include <libsinsp/sinsp.h>
#include <libsinsp/filter.h>
#include <libsinsp/filter/parser.h>
#include <libsinsp/eventformatter.h>

int main() {
    sinsp inspector;
    sinsp_filter_check_list fields;
    auto factory = std::make_shared<sinsp_filter_factory>(&inspector, fields);
    for (std::string line; std::getline(std::cin, line);) {
        const std::string text = line.size() > 2 ? line.substr(2) : "";
        try {
            if (line[0] == 'C') {
                libsinsp::filter::parser parser(text);
                parser.set_max_depth(1000);
                auto tree = parser.parse();
                sinsp_filter_compiler compiler(factory, tree.get());
                compiler.compile();
                std::string warnings;
                for (const auto& warning : compiler.get_warnings()) warnings += (warnings.empty() ? "" : "; ") + warning.msg;
                std::cout << (warnings.empty() ? "ok" : "warning: " + warnings) << std::endl;
            } else {
                sinsp_evt_formatter formatter(&inspector, text, fields);
                std::cout << "ok" << std::endl;
            }
        } catch (const std::exception& error) {
            std::string what = error.what();
            for (char& c : what) if (c == '\n') c = ' ';
            std::cout << "refused: " << what << std::endl;
        }
    }
}
