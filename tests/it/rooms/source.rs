//! Which file of `src/` uses a name of which other.
//!
//! Read from the syntax of the files, without a compiler: modules, `use`, and paths in code. A name
//! that is handed on by `pub use` belongs to the file that defines it. Left alone: tests (whatever
//! is below `#[cfg(test)]`), `mod` lines, and the methods that are called on a value.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, UseTree};

/// A place in the tree of modules, from the root of the crate.
type ModulePath = Vec<String>;

/// Every module of the crate.
#[derive(Default)]
pub(super) struct Source {
    modules: BTreeMap<ModulePath, Module>,
}

/// One module; several of them may be in one file.
#[derive(Default)]
struct Module {
    file: PathBuf,
    defines: BTreeSet<String>,
    /// What `use` calls names in here, public or not.
    names: BTreeMap<String, ModulePath>,
    globs: Vec<ModulePath>,
    /// Paths that its code uses, as they are written.
    used: BTreeSet<ModulePath>,
}

/// The files that a file uses names of, by their paths below `src/`.
pub(super) type Arrows = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

impl Source {
    /// Reads the crate that begins with this file.
    pub(super) fn read(root: &Path) -> Self {
        let mut source = Self::default();
        source.file(root, root.parent().unwrap(), Vec::new());
        source
    }

    fn file(&mut self, file: &Path, children: &Path, at: ModulePath) {
        let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.items(&parsed.items, file, children, at);
    }

    fn items(&mut self, items: &[Item], file: &Path, children: &Path, at: ModulePath) {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            match item {
                Item::Mod(inner) => {
                    module.defines.insert(inner.ident.to_string());
                    self.module(inner, file, children, &at);
                }
                Item::Use(item) => module.import(&item.tree, &mut Vec::new()),
                _ => {
                    module.defines.extend(defined(item));
                    Code(&mut module.used).visit_item(item);
                }
            }
        }
        // Of two with one name, one is of another feature.
        self.modules.entry(at).or_insert(module);
    }

    fn module(&mut self, module: &ItemMod, file: &Path, children: &Path, outer: &[String]) {
        let name = module.ident.to_string();
        let at = [outer, std::slice::from_ref(&name)].concat();
        let children = children.join(&name);
        if let Some((_, items)) = &module.content {
            return self.items(items, file, &children, at);
        }
        let beside = children.with_extension("rs");
        let named = named_file(&module.attrs).map(|path| file.with_file_name(path));
        let file = named.unwrap_or(if beside.exists() { beside } else { children.join("mod.rs") });
        self.file(&file, &children, at);
    }

    /// Who uses names of whom; files below `src`.
    pub(super) fn arrows(&self, src: &Path) -> Arrows {
        let mut arrows = Arrows::new();
        let below = |file: &Path| file.strip_prefix(src).unwrap().to_owned();
        for (at, module) in &self.modules {
            let from = arrows.entry(below(&module.file)).or_default();
            let imported = module.names.values().chain(&module.globs);
            let private = imported.filter(|path| !self.is_handed_on(at, path));
            for path in module.used.iter().chain(private) {
                let found = self.find(at, path, 0);
                if let Some(Found::Name(file)) = found.filter(|found| found.file() != module.file) {
                    from.insert(below(file));
                }
            }
        }
        arrows
    }

    /// Whether a `use` only hands on a name of a module inside: a face is no use.
    fn is_handed_on(&self, at: &[String], path: &[String]) -> bool {
        let first = path.first().map(String::as_str);
        let inside = [at, path.get(..1).unwrap_or_default()].concat();
        first == Some("self") || self.modules.contains_key(&inside)
    }

    /// What a path in a module means; `None` if it is not of this crate.
    fn find(&self, at: &[String], path: &[String], depth: usize) -> Option<Found<'_>> {
        let (first, rest) = path.split_first()?;
        if depth > 20 {
            return None;
        }
        match first.as_str() {
            "crate" => return self.descend(Vec::new(), rest, depth),
            "self" => return self.descend(at.to_owned(), rest, depth),
            "super" => return self.descend(at[..at.len() - 1].to_owned(), rest, depth),
            _ => {}
        }
        let module = self.modules.get(at)?;
        if module.defines.contains(first) {
            return self.descend(at.to_owned(), path, depth);
        }
        let meant = module.names.get(first).filter(|meant| meant.first() != Some(first))?;
        self.find(at, &[meant, rest].concat(), depth + 1)
    }

    /// The same for a path that begins in a module.
    fn descend(&self, mut at: ModulePath, path: &[String], depth: usize) -> Option<Found<'_>> {
        let mut found: fn(_) -> _ = Found::Module;
        for (nth, name) in path.iter().enumerate() {
            let rest = &path[nth..];
            if name == "super" {
                at.pop();
                continue;
            }
            let inner = [at.as_slice(), std::slice::from_ref(name)].concat();
            if self.modules.contains_key(&inner) {
                at = inner;
                continue;
            }
            let module = self.modules.get(&at)?;
            found = Found::Name;
            if module.defines.contains(name) {
                break;
            }
            if let Some(meant) = module.names.get(name) {
                let meant = [meant.as_slice(), &rest[1..]].concat();
                return self.find(&at, &meant, depth + 1);
            }
            // What a macro defines has no name in the syntax; it comes with the glob.
            if let Some(glob) = module.globs.first() {
                return self.find(&at, glob, depth + 1).map(|found| Found::Name(found.file()));
            }
            break;
        }
        self.modules.get(&at).map(|module| found(module.file.as_path()))
    }
}

/// What a path means.
#[derive(Clone, Copy)]
enum Found<'s> {
    /// A name that this file defines.
    Name(&'s Path),
    /// A module as such: whoever imports one uses no name of it yet.
    Module(&'s Path),
}

impl<'s> Found<'s> {
    fn file(self) -> &'s Path {
        match self {
            Self::Name(file) | Self::Module(file) => file,
        }
    }
}

impl Module {
    fn import(&mut self, tree: &UseTree, above: &mut ModulePath) {
        match tree {
            UseTree::Path(path) => {
                above.push(path.ident.to_string());
                self.import(&path.tree, above);
                above.pop();
            }
            UseTree::Name(name) if name.ident == "self" => {
                let last = above.last().cloned().unwrap_or_default();
                self.names.insert(last, above.clone());
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.names.insert(name.clone(), [above.as_slice(), &[name]].concat());
            }
            UseTree::Rename(rename) => {
                let path = [above.as_slice(), &[rename.ident.to_string()]].concat();
                self.names.insert(rename.rename.to_string(), path);
            }
            UseTree::Glob(_) => self.globs.push(above.clone()),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(tree, above));
            }
        }
    }
}

/// Gathers the paths in code.
struct Code<'u>(&'u mut BTreeSet<ModulePath>);

impl<'ast> Visit<'ast> for Code<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    /// `pub(super)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

impl Code<'_> {
    /// What looks like a path inside a macro.
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (ModulePath::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons < 2 && !path.is_empty() {
                        self.0.insert(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.0.insert(std::mem::take(&mut path));
                    colons = 0;
                }
            }
        }
        self.0.insert(path);
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let list = attribute.meta.require_list();
        attribute.path().is_ident("cfg")
            && list.is_ok_and(|list| list.tokens.to_string().split(' ').any(|word| word == "test"))
    })
}

/// The file that `#[path = "…"]` names.
fn named_file(attributes: &[Attribute]) -> Option<String> {
    let path = attributes.iter().find(|attribute| attribute.path().is_ident("path"))?;
    match &path.meta.require_name_value().ok()?.value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn defined(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Macro(item) => item.ident.as_ref()?.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        _ => return None,
    })
}
