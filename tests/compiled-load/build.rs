fn main() -> microagent_build::Result {
    microagent_build::compile("schema")
}
