// Runs a Faust program on raw samples: the smallest host there is.
//
//     program RATE [LABEL=VALUE ...] < input > output
//
// Samples are 64-bit floats of this machine, all channels of a moment side by side. A slider is
// named by its label and those of its groups, with slashes between. Its answer to "labels" instead
// of a rate is the name, first value and range of every slider, a line each.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#ifndef FAUSTFLOAT
#define FAUSTFLOAT double
#endif

struct Meta {
    void declare(const char*, const char*) {}
};

struct UI {
    struct Knob {
        FAUSTFLOAT* zone;
        FAUSTFLOAT first, low, high;
    };
    std::vector<std::string> groups;
    std::map<std::string, Knob> knobs;

    void openTabBox(const char* label) { groups.push_back(label); }
    void openHorizontalBox(const char* label) { groups.push_back(label); }
    void openVerticalBox(const char* label) { groups.push_back(label); }
    void closeBox() { groups.pop_back(); }
    void addHorizontalSlider(const char* label, FAUSTFLOAT* zone, FAUSTFLOAT first, FAUSTFLOAT low,
                             FAUSTFLOAT high, FAUSTFLOAT) {
        std::string name;
        for (size_t i = 1; i < groups.size(); i++) name += groups[i] + "/";  // the first is the program
        knobs[name + label] = Knob{zone, first, low, high};
    }
    void declare(FAUSTFLOAT*, const char*, const char*) {}
};

class dsp {
   public:
    virtual ~dsp() {}
};

<<includeIntrinsic>>

<<includeclass>>

int main(int count, char** words) {
    if (count < 2) return 2;
    mydsp* program = new mydsp();  // not on the stack, as lines may be long
    UI ui;
    program->buildUserInterface(&ui);
    if (!std::strcmp(words[1], "labels")) {
        for (auto& knob : ui.knobs)
            std::printf("%s\t%.17g\t%.17g\t%.17g\n", knob.first.c_str(), double(knob.second.first),
                        double(knob.second.low), double(knob.second.high));
        return 0;
    }
    program->init(std::atoi(words[1]));
    for (int i = 2; i < count; i++) {
        char* value = std::strrchr(words[i], '=');
        if (!value) return 2;
        auto knob = ui.knobs.find(std::string(words[i], value - words[i]));
        if (knob == ui.knobs.end()) {
            std::fprintf(stderr, "there is no slider %s\n", words[i]);
            return 2;
        }
        *knob->second.zone = FAUSTFLOAT(std::atof(value + 1));
    }
    const int block = 4096, ins = program->getNumInputs(), outs = program->getNumOutputs();
    std::vector<std::vector<FAUSTFLOAT>> in(ins, std::vector<FAUSTFLOAT>(block));
    std::vector<std::vector<FAUSTFLOAT>> out(outs, std::vector<FAUSTFLOAT>(block));
    std::vector<FAUSTFLOAT*> from, to;
    for (auto& channel : in) from.push_back(channel.data());
    for (auto& channel : out) to.push_back(channel.data());
    std::vector<double> heard(block * ins), made(block * outs);
    for (;;) {
        const int got = int(std::fread(heard.data(), sizeof(double) * ins, block, stdin));
        if (got == 0) break;
        for (int t = 0; t < got; t++)
            for (int c = 0; c < ins; c++) in[c][t] = FAUSTFLOAT(heard[t * ins + c]);
        program->compute(got, from.data(), to.data());
        for (int t = 0; t < got; t++)
            for (int c = 0; c < outs; c++) made[t * outs + c] = double(out[c][t]);
        if (std::fwrite(made.data(), sizeof(double) * outs, got, stdout) != size_t(got)) return 1;
    }
    return 0;
}
