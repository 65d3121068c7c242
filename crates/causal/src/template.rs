//! Chat templates: how a model wants to be asked.

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, context};

/// A part of a prompt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Words of the template, which spell control tokens.
    Template(&'a str),
    /// The content of a message, by its index.
    Content(usize),
}

/// Stands for the content of a message while a template is rendered.
const MARK: char = '\u{f8fe}';

/// Steps that a template may take. Those of known models take some hundreds.
const FUEL: u64 = 100_000;

const CHATML: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{{ '<|im_start|>assistant\n' }}";

/// A template for conversations of a system and a user message.
pub(crate) struct Template(String);

impl Template {
    /// Renders `source` with marks for a system and a user message. If it has no place for a system
    /// message, the user message gets both.
    pub(crate) fn new(source: &str, bos: &str, eos: &str) -> Result<Self, String> {
        let system = mark(0);
        let user = mark(1);
        let both = render(source, &[("system", &system), ("user", &user)], bos, eos);
        let is_whole = |text: &String| {
            text.matches(MARK).count() == 4 && text.contains(&system) && text.contains(&user)
        };
        let rendered = match both.map(|text| is_whole(&text).then_some(text)) {
            Ok(Some(text)) => text,
            _ => {
                let all = format!("{system}\n\n{user}");
                let one = render(source, &[("user", &all)], bos, eos);
                let one = one.map_err(|error| error.to_string())?;
                if !is_whole(&one) {
                    return Err("it leaves out what is said".to_owned());
                }
                one
            }
        };
        Ok(Self(rendered))
    }

    /// ChatML, which Qwen and SmolLM2 were trained with.
    pub(crate) fn chatml() -> Self {
        Self::new(CHATML, "", "").expect("a template that has both messages")
    }

    /// The parts of a prompt, in their order.
    pub(crate) fn parts(&self) -> Vec<Part<'_>> {
        let pieces = self.0.split(MARK).enumerate();
        pieces
            .filter_map(|(at, piece)| match at % 2 {
                0 => (!piece.is_empty()).then_some(Part::Template(piece)),
                _ => Some(Part::Content(usize::from(piece == "1"))),
            })
            .collect()
    }
}

fn mark(message: usize) -> String {
    format!("{MARK}{message}{MARK}")
}

fn render(source: &str, messages: &[(&str, &str)], bos: &str, eos: &str) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    // As the templates were written for: transformers sets these.
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    let raise = |message: String| Err::<Value, _>(Error::new(ErrorKind::InvalidOperation, message));
    environment.add_function("raise_exception", raise);
    // An answer must not depend on the day: the date is the one that templates have by default.
    environment.add_function("strftime_now", |_: String| "26 Jul 2024");
    let messages: Vec<Value> = messages
        .iter()
        .map(|(role, content)| context! { role, content })
        .collect();
    environment.render_str(
        source,
        context! {
            messages,
            add_generation_prompt => true,
            enable_thinking => false,
            bos_token => bos,
            eos_token => eos,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(template: &Template) -> String {
        let parts = template.parts().into_iter();
        parts
            .map(|part| match part {
                Part::Template(text) => text.to_owned(),
                Part::Content(at) => format!("[{at}]"),
            })
            .collect()
    }

    #[test]
    fn chatml_has_both_messages() {
        assert_eq!(
            shown(&Template::chatml()),
            "<|im_start|>system\n[0]<|im_end|>\n<|im_start|>user\n[1]<|im_end|>\n<|im_start|>assistant\n"
        );
    }

    #[test]
    fn methods_of_python_and_the_end_of_thinking_are_known() {
        let source = "{%- set ns = namespace(n=0) %}
            {%- for message in messages[::-1] %}
              {%- if message.role == 'user' and not message.content.startswith('<tool>') %}
                {%- set ns.n = ns.n + 1 %}
              {%- endif %}
            {%- endfor %}
            {%- for message in messages %}{{ message.role + ':' + message.content.strip() + ';' }}{% endfor %}
            {%- if add_generation_prompt and enable_thinking is defined and enable_thinking is false %}
              {{- '<think></think>' ~ ns.n }}
            {%- endif %}";
        let template = Template::new(source, "", "").unwrap();
        assert_eq!(shown(&template), "system:[0];user:[1];<think></think>1");
    }

    #[test]
    fn a_template_without_system_messages_says_both_to_the_user() {
        let refuses = "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}";
        let forgets =
            "{% set messages = messages | selectattr('role', 'equalto', 'user') | list %}";
        for start in [refuses, forgets] {
            let source = format!(
                "{start}{{{{ bos_token }}}}{{% for m in messages %}}{{{{ m.content }}}}{{% endfor %}}"
            );
            let template = Template::new(&source, "<s>", "</s>").unwrap();
            assert_eq!(shown(&template), "<s>[0]\n\n[1]", "{start}");
        }
    }

    #[test]
    fn a_template_without_an_end_or_without_messages_is_refused() {
        let endless =
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
        for source in [endless, "Hello", "{{ nosuch() }}", "{% if %}"] {
            assert!(Template::new(source, "", "").is_err(), "{source}");
        }
    }
}
